// Package logtools looks at the log of an installation and repairs it: topics, stages, explanations, replays,
// quarantine.
package logtools
