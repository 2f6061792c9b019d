// Package compose holds no code, only the test of docker-compose.kafka.yml: it is held against the settings and the
// commands of the program, so that it can't fall behind them.
package compose
