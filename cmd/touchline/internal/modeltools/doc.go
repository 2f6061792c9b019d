// Package modeltools is for the life of models: list, register, shadow, split, promote, retire, compare, and exchange
// with MLflow.
package modeltools
