package history

import "encoding/json"

type kind struct {
	class  Class
	decode func([]byte) (Body, error)
}

func of[T Body](class Class) kind {
	return kind{class: class, decode: func(raw []byte) (Body, error) {
		var b T
		err := json.Unmarshal(raw, &b)
		return b, err
	}}
}

// kinds is the one table of event kinds. What a person did, what was changed and what was promised is
// Must; measurements, which can be read again, are May.
var kinds = map[string]kind{
	SessionStarted{}.Kind(): of[SessionStarted](Must),
	SessionResumed{}.Kind(): of[SessionResumed](Must),
	SessionClosed{}.Kind():  of[SessionClosed](Must),
	JournalHurt{}.Kind():    of[JournalHurt](Must),

	TableDescribed{}.Kind(): of[TableDescribed](May),
	MetricsPolled{}.Kind():  of[MetricsPolled](May),
	ProbeAnswered{}.Kind():  of[ProbeAnswered](May),
	FeedScraped{}.Kind():    of[FeedScraped](May),
	SourceChanged{}.Kind():  of[SourceChanged](May),

	KeysRanked{}.Kind():       of[KeysRanked](May),
	AlarmChanged{}.Kind():     of[AlarmChanged](May),
	KeysRevealed{}.Kind():     of[KeysRevealed](Must),
	AlarmTurned{}.Kind():      of[AlarmTurned](May),
	ScalingDescribed{}.Kind(): of[ScalingDescribed](May),
	ScalingActed{}.Kind():     of[ScalingActed](May),
	CallRecorded{}.Kind():     of[CallRecorded](May),
	QuotasRead{}.Kind():       of[QuotasRead](May),
	ReportsBilled{}.Kind():    of[ReportsBilled](May),
	BaselinesRead{}.Kind():    of[BaselinesRead](May),

	Reported{}.Kind():           of[Reported](Must),
	Marked{}.Kind():             of[Marked](Must),
	Noted{}.Kind():              of[Noted](Must),
	Assessed{}.Kind():           of[Assessed](May),
	IncidentDetected{}.Kind():   of[IncidentDetected](Must),
	IncidentRecovered{}.Kind():  of[IncidentRecovered](Must),
	IncidentEscalated{}.Kind():  of[IncidentEscalated](Must),
	IncidentClosed{}.Kind():     of[IncidentClosed](Must),
	IncidentAttributed{}.Kind(): of[IncidentAttributed](Must),
	PostmortemWritten{}.Kind():  of[PostmortemWritten](Must),

	RunbookOpened{}.Kind():   of[RunbookOpened](Must),
	StepEntered{}.Kind():     of[StepEntered](May),
	CheckEvaluated{}.Kind():  of[CheckEvaluated](May),
	DecisionOffered{}.Kind(): of[DecisionOffered](May),
	DecisionTaken{}.Kind():   of[DecisionTaken](Must),
	StepFinished{}.Kind():    of[StepFinished](Must),

	ChangePlanned{}.Kind():    of[ChangePlanned](Must),
	ChangeRefused{}.Kind():    of[ChangeRefused](Must),
	ChangeApproved{}.Kind():   of[ChangeApproved](Must),
	ChangeIntended{}.Kind():   of[ChangeIntended](Must),
	ChangeAnswered{}.Kind():   of[ChangeAnswered](Must),
	ChangeReconciled{}.Kind(): of[ChangeReconciled](Must),
	ChangeSettled{}.Kind():    of[ChangeSettled](Must),
	ChangeDropped{}.Kind():    of[ChangeDropped](Must),
	EffectJudged{}.Kind():     of[EffectJudged](Must),

	LabStarted{}.Kind():    of[LabStarted](Must),
	LabMeasured{}.Kind():   of[LabMeasured](May),
	LabFinished{}.Kind():   of[LabFinished](Must),
	ChangesHeld{}.Kind():   of[ChangesHeld](Must),
	UndoTimed{}.Kind():     of[UndoTimed](Must),
	UndoProposed{}.Kind():  of[UndoProposed](Must),
	ChangeCarried{}.Kind(): of[ChangeCarried](Must),
}
