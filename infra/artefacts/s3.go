package artefacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps each artefact in an object that is named by its digest.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// patience is how long a store may take for one artefact.
const patience = 30 * time.Second

func openBucket(u *url.URL) (Store, error) {
	query := u.Query()
	for name := range query {
		if !slices.Contains([]string{"endpoint", "region", "path-style"}, name) {
			return nil, fmt.Errorf("the parameter %q of an S3 store: there are endpoint, region and path-style", name)
		}
	}
	if u.Host == "" {
		return nil, errors.New("the address names no bucket: want s3://bucket/prefix")
	}
	endpoint, err := url.Parse(query.Get("endpoint"))
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	if endpoint.String() == "" {
		endpoint = &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}
	}
	if endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return nil, fmt.Errorf("endpoint %q: want http://host:port or https://host", query.Get("endpoint"))
	}
	options := &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{},
			&credentials.FileAWSCredentials{}, &credentials.IAM{Client: &http.Client{Timeout: 2 * time.Second}}}),
		Secure: endpoint.Scheme == "https", Region: query.Get("region"), MaxRetries: 3,
	}
	if query.Has("path-style") {
		path, err := strconv.ParseBool(query.Get("path-style"))
		if err != nil {
			return nil, fmt.Errorf("path-style %q: want true or false", query.Get("path-style"))
		}
		if path {
			options.BucketLookup = minio.BucketLookupPath
		}
	}
	client, err := minio.New(endpoint.Host, options)
	if err != nil {
		return nil, err
	}
	return bucket{client, u.Host, strings.Trim(u.Path, "/")}, nil
}

func (b bucket) String() string { return "the bucket " + b.name }

func (b bucket) objectName(digest string) string { return path.Join(b.prefix, digest) }

func (b bucket) Put(ctx context.Context, artefact []byte) (string, error) {
	if err := checkSize(artefact); err != nil {
		return "", err
	}
	digest := Digest(artefact)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	options := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true}
	if _, err := b.client.PutObject(ctx, b.name, b.objectName(digest), bytes.NewReader(artefact), int64(len(artefact)),
		options); err != nil {
		return "", fmt.Errorf("put %.16s into %s: %w", digest, b, explained(err))
	}
	return digest, nil
}

func (b bucket) Get(ctx context.Context, digest string) ([]byte, error) {
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	object, err := b.client.GetObject(ctx, b.name, b.objectName(digest), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("get %.16s from %s: %w", digest, b, explained(err))
	}
	defer object.Close()
	artefact, err := io.ReadAll(io.LimitReader(object, Most+1))
	switch {
	case minio.ToErrorResponse(err).Code == minio.NoSuchKey:
		return nil, fmt.Errorf("%w as %.16s in %s", ErrNotFound, digest, b)
	case err != nil:
		return nil, fmt.Errorf("get %.16s from %s: %w", digest, b, explained(err))
	}
	return checked(b.String(), digest, artefact)
}

// explained adds what can be done about an error.
func explained(err error) error {
	switch minio.ToErrorResponse(err).Code {
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return fmt.Errorf("%w: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may read and write "+
			"the bucket", err)
	case minio.NoSuchBucket:
		return fmt.Errorf("%w: make the bucket, or name another one", err)
	}
	return err
}
