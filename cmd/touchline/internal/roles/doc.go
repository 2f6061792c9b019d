// Package roles plays parts of the line in one process: collect, process, project and serve, each by itself against
// real engines, or all of them in `up` with embedded ones.
package roles
