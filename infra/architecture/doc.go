// Package architecture holds no code, only tests of the repository as a whole: what may import what, that every package
// has a test, and that documents name files that exist. See CONTRIBUTING.md for the rules in words.
package architecture
