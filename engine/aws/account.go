// Package aws reads DynamoDB and CloudWatch for the loop, one file per service, behind plain types. Every call makes one
// attempt: the loop that calls decides, on its own clock, when to try again. write.go is the one file that changes a table.
package aws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/ddbloop/ddbloop/engine/clock"
)

// AppID is what CloudTrail shows of ddbloop in the user agent of every call.
const AppID = "ddbloop"

// Doer sends one HTTP request.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Keys are fixed credentials.
type Keys struct{ ID, Secret, Session string }

// Options says which account to reach and how. Endpoints come from the environment or the profile, as with every AWS tool.
type Options struct {
	Profile    string // "" = AWS_PROFILE, else default
	Region     string // "" = AWS_REGION, else the profile's
	HTTPClient Doer   // nil = the SDK's own client, which honours proxies and AWS_CA_BUNDLE
	Clock      clock.Clock
	Logger     *slog.Logger // nil = nothing is logged; the SDK never writes to standard error
	Keys       *Keys        // set = neither the environment nor shared files are read; Region is then needed
}

// Account is one account and Region as one set of credentials sees it.
type Account struct {
	cfg   sdk.Config
	clock clock.Clock
	creds *renewing
	owner owner

	// One client of each service for good: what it has learnt of the service's clock, it signs by.
	db      *dynamodb.Client
	way     *dynamodb.Client // a new connection each time
	cw      *cloudwatch.Client
	scaling *scaling.Client
	trail   *cloudtrail.Client
	sts     *sts.Client
}

// Connect builds the clients. It asks AWS nothing but, where the credential chain needs it, for credentials, and fails in one
// line when there is no Region, no such profile or no credentials at all. Credentials that have expired or cannot be had just
// now are no reason to fail: the sources say so and go on trying.
func Connect(ctx context.Context, o Options) (*Account, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	a := &Account{cfg: cfg, clock: o.Clock}
	a.creds = &renewing{now: o.Clock.Now, inner: cfg.Credentials, load: func(ctx context.Context) (sdk.CredentialsProvider, error) {
		again, err := load(ctx, o)
		return again.Credentials, err
	}}
	a.cfg.Credentials = a.creds
	a.db, a.way, a.cw = newDynamoDB(a.cfg), newWay(a.cfg), newCloudWatch(a.cfg)
	a.scaling = scaling.NewFromConfig(a.cfg, func(o *scaling.Options) { o.Retryer = sdk.NopRetryer{} })
	a.trail = cloudtrail.NewFromConfig(a.cfg, func(o *cloudtrail.Options) { o.Retryer = sdk.NopRetryer{} })
	a.sts = sts.NewFromConfig(a.cfg, func(o *sts.Options) { o.Retryer = sdk.NopRetryer{} })
	if err := a.reachable(); err != nil {
		return nil, err
	}
	if o.Keys == nil {
		if err := a.creds.exist(ctx, o.Clock); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Region returns the Region that is looked at.
func (a *Account) Region() string { return a.cfg.Region }

func load(ctx context.Context, o Options) (sdk.Config, error) {
	logger := logging.Logger(logging.Nop{})
	if o.Logger != nil {
		logger = sdkLog{o.Logger}
	}
	once := func() sdk.Retryer { return sdk.NopRetryer{} }
	if k := o.Keys; k != nil {
		return sdk.Config{
			Region: o.Region, HTTPClient: client(o.HTTPClient), Logger: logger, Retryer: once, AppID: AppID,
			Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Session),
		}, nil
	}
	options := []func(*config.LoadOptions) error{
		config.WithLogger(logger), config.WithAppID(AppID), config.WithRetryer(once),
	}
	if o.HTTPClient != nil {
		options = append(options, config.WithHTTPClient(o.HTTPClient))
	}
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		return cfg, fmt.Errorf("AWS profile %s does not exist: name one of ~/.aws/config, or sign in with aws configure sso", Clean(missing.Profile))
	}
	if err != nil {
		return cfg, fmt.Errorf("AWS configuration: %s", Clean(err.Error()))
	}
	cfg.HTTPClient = client(cfg.HTTPClient)
	return cfg, nil
}

// client returns c, or the SDK's own. Both services then share one pool of connections.
func client(c sdk.HTTPClient) sdk.HTTPClient {
	if c == nil {
		return awshttp.NewBuildableClient()
	}
	return c
}

// sdkLog hands the SDK's own log lines to ours.
type sdkLog struct{ to *slog.Logger }

// Logf logs one line of the SDK.
func (l sdkLog) Logf(class logging.Classification, format string, v ...any) {
	level := slog.LevelDebug
	if class == logging.Warn {
		level = slog.LevelWarn
	}
	l.to.Log(context.Background(), level, Clean(fmt.Sprintf(format, v...)), "from", "aws sdk")
}
