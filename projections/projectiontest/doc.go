// Package projectiontest starts real parts for the tests of projections and api: a Postgres of its own for each test
// binary with a schema for each test, Kafka topics and a schema registry in the process, and facts made by hand.
//
//	func TestMain(m *testing.M) { os.Exit(projectiontest.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		pool := projectiontest.Postgres(t)
//		log := projectiontest.Log(t)
//		log.Append(projectiontest.Match{Home: "arsenal", Away: "chelsea"}.Prediction("goals", 1))
//	}
//
// Where no Postgres binary is installed, tests that want one are skipped and say so.
package projectiontest
