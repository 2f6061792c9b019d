// Package artefacts keeps artefacts of models: bytes that are addressed by their digest, in a folder or in an
// S3-compatible store. What was put can't be changed: another content has another name.
//
//	store, err := artefacts.Open("s3://models/touchline?endpoint=http://minio:9000&path-style=true")
//	digest, err := store.Put(ctx, artefact)
//	artefact, err = store.Get(ctx, digest) // a *DigestError when the store has something else under that name
//
// S3 is spoken through minio-go 7: half of the packages that the AWS SDK for Go 2 brings (59 against 126, in as many
// modules, and in a program of the same size), and made for stores that are not AWS's.
package artefacts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Most is the size of the largest artefact, in bytes.
const Most = 64 << 20

// ErrNotFound says that a store has nothing under a digest.
var ErrNotFound = errors.New("there is no such artefact")

// DigestError says that a store has another content under a digest than the one that it names.
type DigestError struct {
	Store, Want, Got string
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s has another content under %.16s, of the digest %.16s: it was damaged or replaced; put the "+
		"artefact there again", e.Store, e.Want, e.Got)
}

// Store keeps artefacts.
type Store interface {
	// Put keeps an artefact, of 1 to Most bytes, and returns its digest. Once it has returned the artefact survives a
	// crash.
	Put(ctx context.Context, artefact []byte) (digest string, err error)
	// Get returns the artefact of a digest, checked. The error is ErrNotFound or a *DigestError, or the store's.
	Get(ctx context.Context, digest string) ([]byte, error)
}

// Digest returns the name of an artefact: its SHA-256 in hexadecimal.
func Digest(artefact []byte) string {
	sum := sha256.Sum256(artefact)
	return hex.EncodeToString(sum[:])
}

// Open opens the store that an address names: a folder ("/var/lib/touchline/artefacts", or as a URL with "file://"
// before it), which is made when it is not there, or "s3://BUCKET/PREFIX" with the parameters endpoint (default AWS),
// region, and path-style. Credentials of S3 are those of the usual AWS variables, files and roles.
func Open(address string) (Store, error) {
	if !strings.Contains(address, "://") {
		return openFolder(address) // as it is: a path may have what a URL gives a meaning to
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme == "s3":
		return openBucket(u)
	case u.Scheme == "file" && u.Host == "" && u.RawQuery == "" && u.Fragment == "":
		return openFolder(u.Path)
	default:
		return nil, fmt.Errorf("%q names no store: want a folder, or s3://bucket/prefix", address)
	}
}

// checked returns the artefact if it is what its name says.
func checked(store, digest string, artefact []byte) ([]byte, error) {
	if got := Digest(artefact); got != digest {
		return nil, &DigestError{Store: store, Want: digest, Got: got}
	}
	return artefact, nil
}

// checkDigest checks that a digest is one, before it becomes a part of a path.
func checkDigest(digest string) error {
	if len(digest) != sha256.Size*2 || strings.Trim(digest, "0123456789abcdef") != "" {
		return fmt.Errorf("%q is no digest: want the 64 hexadecimal digits of a SHA-256", digest)
	}
	return nil
}

func checkSize(artefact []byte) error {
	if len(artefact) == 0 || len(artefact) > Most {
		return fmt.Errorf("the artefact has %d bytes: a store takes 1 to %d", len(artefact), Most)
	}
	return nil
}
