// Package machine is what servers that we start ourselves need of the machine: a child process that ends with us, a
// user for a server that refuses to be root, and the programs of a Postgres that is installed here. It knows nothing of
// what those servers are for; infra/embedded and infra/local do.
package machine
