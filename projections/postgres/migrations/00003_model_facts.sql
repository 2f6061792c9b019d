-- +goose Up

-- All that was said of models, in order. How each stands is folded from it by who asks, as the line does.
CREATE TABLE model_facts (
    log_offset bigint PRIMARY KEY,
    id         text COLLATE "C" NOT NULL,
    version    int  NOT NULL,
    change     text NOT NULL, -- registered, shadowed, split, promoted, retired
    share      double precision NOT NULL,
    kind       text NOT NULL,
    digest     text NOT NULL,
    artefact   bytea NOT NULL, -- empty where it is in a store
    note       text NOT NULL,
    changed_at timestamptz NOT NULL
);
DROP TABLE models;
DELETE FROM checkpoints WHERE topic = 'football.models';

-- +goose Down
CREATE TABLE models (
    id         text COLLATE "C" PRIMARY KEY,
    version    int  NOT NULL,
    change     text NOT NULL,
    kind       text NOT NULL,
    digest     text NOT NULL,
    note       text NOT NULL,
    changed_at timestamptz NOT NULL,
    log_offset bigint NOT NULL
);
DELETE FROM checkpoints WHERE topic = 'football.models';
DROP TABLE model_facts;
