// Package architecture holds no code, only the test of what may import what. See CONTRIBUTING.md for the rules in
// words.
package architecture
