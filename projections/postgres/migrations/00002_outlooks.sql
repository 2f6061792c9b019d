-- +goose Up

-- What simulations of the rest of a season came to, one row for each. teams holds the teams in the order of the table, as the
-- topic has them. Partitioned by the year in which the season begins.
CREATE TABLE outlooks (
    season_year smallint NOT NULL,
    competition text COLLATE "C" NOT NULL,
    season      text COLLATE "C" NOT NULL,
    sequence    bigint NOT NULL,
    at          timestamptz NOT NULL,
    match       text NOT NULL,
    settled     int  NOT NULL,
    remaining   int  NOT NULL,
    seasons     int  NOT NULL,
    results     text NOT NULL,
    teams       jsonb NOT NULL,
    log_offset  bigint NOT NULL,
    PRIMARY KEY (season_year, competition, season, sequence)
) PARTITION BY RANGE (season_year);
CREATE TABLE outlooks_other PARTITION OF outlooks DEFAULT;

-- +goose Down
DROP TABLE outlooks;
