// Package sim is the embedded AWS as something to talk to: requests in the SDK's own protocols come in, in process or over a
// loopback socket, and are answered from the world (the physics of throughput, latency and metrics) and from the item store.
// It is a demo without an account, a test bed and a server in one. Time is the caller's clock, never the machine's.
package sim
