-- +goose Up

-- Which topic the rows came from. A topic that was deleted and made again has another id: its epoch goes up by one and
-- the rows of the old one are dropped.
CREATE TABLE topics (
    topic    text PRIMARY KEY,
    topic_id bytea  NOT NULL,
    epoch    bigint NOT NULL DEFAULT 1,
    since    timestamptz NOT NULL DEFAULT now()
);

-- How far each partition is projected. A batch moves next_offset in its own transaction, and only from where it was.
CREATE TABLE checkpoints (
    topic       text   NOT NULL,
    partition   int    NOT NULL,
    epoch       bigint NOT NULL,
    next_offset bigint NOT NULL,
    stream_time timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);

CREATE TABLE competitions (
    id      text COLLATE "C" PRIMARY KEY,
    name    text NOT NULL,
    country text NOT NULL,
    pool    text NOT NULL,
    level   int  NOT NULL
);

CREATE TABLE teams (
    id   text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    pool text NOT NULL
);

-- Partitioned by the year in which the season begins, which the match id gives: a kick-off can move, a row must not.
-- Partitions of 1990 to 2040 are made when the first match needs them.
CREATE TABLE matches (
    season_year    smallint NOT NULL,
    id             text COLLATE "C" NOT NULL,
    pool           text NOT NULL,
    competition    text COLLATE "C" NOT NULL,
    season         text COLLATE "C" NOT NULL,
    home           text COLLATE "C" NOT NULL,
    away           text COLLATE "C" NOT NULL,
    kickoff        timestamptz,
    neutral        boolean  NOT NULL,
    phase          text     NOT NULL,
    period         smallint NOT NULL,
    elapsed        int      NOT NULL,
    home_goals     smallint NOT NULL,
    away_goals     smallint NOT NULL,
    home_reds      smallint NOT NULL,
    away_reds      smallint NOT NULL,
    home_shots     smallint NOT NULL,
    away_shots     smallint NOT NULL,
    home_on_target smallint NOT NULL,
    away_on_target smallint NOT NULL,
    home_xg        real     NOT NULL,
    away_xg        real     NOT NULL,
    sequence       bigint   NOT NULL, -- of the feature record; 0 while the match is only announced
    announced      bigint   NOT NULL, -- sequence of the announcing event; 0 once a feature record is known
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (season_year, id)
) PARTITION BY RANGE (season_year);
CREATE TABLE matches_other PARTITION OF matches DEFAULT WITH (fillfactor = 80);
CREATE INDEX matches_competition ON matches (competition, season, kickoff, id);
CREATE INDEX matches_home ON matches (home, kickoff);
CREATE INDEX matches_away ON matches (away, kickoff);

CREATE TABLE match_events (
    match           text COLLATE "C" NOT NULL,
    sequence        bigint NOT NULL,
    kind            text   NOT NULL,
    at              timestamptz NOT NULL,
    source          text   NOT NULL,
    source_event_id text   NOT NULL,
    body            jsonb  NOT NULL,
    partition       int    NOT NULL,
    log_offset      bigint NOT NULL,
    PRIMARY KEY (match, sequence)
);

-- The forecast that stands. frame is the record's value as it is in the topic (Avro): score grid, markets and reasons are
-- in it. The columns beside it are for SQL. A row of twice the size would make a replay a third slower.
CREATE TABLE predictions_latest (
    match         text COLLATE "C" NOT NULL,
    model         text COLLATE "C" NOT NULL,
    model_version int    NOT NULL,
    sequence      bigint NOT NULL,
    competition   text COLLATE "C" NOT NULL,
    season        text COLLATE "C" NOT NULL,
    kickoff       timestamptz,
    at            timestamptz NOT NULL,
    phase         text NOT NULL,
    home          double precision NOT NULL,
    draw          double precision NOT NULL,
    away          double precision NOT NULL,
    expected_home double precision NOT NULL,
    expected_away double precision NOT NULL,
    over_2_5      double precision,
    both_score    double precision NOT NULL,
    frame         bytea  NOT NULL,
    partition     int    NOT NULL,
    log_offset    bigint NOT NULL,
    projected_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (match, model)
) WITH (fillfactor = 70);

-- Every forecast that was made, without the grid. Partitioned by the year of the forecast's own instant.
CREATE TABLE predictions_history (
    match         text COLLATE "C" NOT NULL,
    model         text COLLATE "C" NOT NULL,
    model_version int    NOT NULL,
    sequence      bigint NOT NULL,
    at            timestamptz NOT NULL,
    trigger       text   NOT NULL,
    phase         text   NOT NULL,
    period        smallint NOT NULL,
    elapsed       int      NOT NULL,
    home_goals    smallint NOT NULL,
    away_goals    smallint NOT NULL,
    home_reds     smallint NOT NULL,
    away_reds     smallint NOT NULL,
    home          double precision NOT NULL,
    draw          double precision NOT NULL,
    away          double precision NOT NULL,
    expected_home double precision NOT NULL,
    expected_away double precision NOT NULL,
    over_2_5      double precision,
    both_score    double precision NOT NULL,
    stage_version int    NOT NULL,
    partition     int    NOT NULL,
    log_offset    bigint NOT NULL,
    PRIMARY KEY (match, model, sequence, at)
) PARTITION BY RANGE (at);
CREATE TABLE predictions_history_other PARTITION OF predictions_history DEFAULT;

-- What was known of a team before a match, as of the last feature record of that match that counts for it: the one
-- that announced the match, then the one that settled it.
CREATE TABLE ratings_history (
    team      text COLLATE "C" NOT NULL,
    match     text COLLATE "C" NOT NULL,
    sequence  bigint NOT NULL,
    at        timestamptz NOT NULL,
    kickoff   timestamptz,
    settled   boolean NOT NULL,
    attack    double precision NOT NULL,
    defence   double precision NOT NULL,
    elo       double precision NOT NULL,
    pi_home   double precision NOT NULL,
    pi_away   double precision NOT NULL,
    played    int NOT NULL,
    points    double precision NOT NULL,
    PRIMARY KEY (team, match)
);

CREATE TABLE evaluations (
    match         text COLLATE "C" NOT NULL,
    model         text COLLATE "C" NOT NULL,
    checkpoint    text COLLATE "C" NOT NULL,
    revision      int  NOT NULL,
    model_version int  NOT NULL,
    competition   text COLLATE "C" NOT NULL,
    season        text COLLATE "C" NOT NULL,
    kickoff       timestamptz,
    at            timestamptz NOT NULL,
    home          double precision NOT NULL,
    draw          double precision NOT NULL,
    away          double precision NOT NULL,
    over_2_5      double precision,
    home_goals    smallint NOT NULL,
    away_goals    smallint NOT NULL,
    rps           double precision NOT NULL,
    log_loss      double precision NOT NULL,
    brier         double precision NOT NULL,
    PRIMARY KEY (match, model, checkpoint)
);
CREATE INDEX evaluations_season ON evaluations (competition, season);

-- Sums over the evaluations of a competition's season: what /v1/models adds up. Bins are twentieths of probability,
-- each forecast counted three times, once a result (home, draw, away) against the rest.
CREATE TABLE model_quality (
    competition text COLLATE "C" NOT NULL,
    season      text COLLATE "C" NOT NULL,
    model       text COLLATE "C" NOT NULL,
    checkpoint  text COLLATE "C" NOT NULL,
    n           bigint NOT NULL,
    rps         double precision NOT NULL,
    log_loss    double precision NOT NULL,
    brier       double precision NOT NULL,
    PRIMARY KEY (competition, season, model, checkpoint)
);
CREATE TABLE model_calibration (
    competition text COLLATE "C" NOT NULL,
    season      text COLLATE "C" NOT NULL,
    model       text COLLATE "C" NOT NULL,
    checkpoint  text COLLATE "C" NOT NULL,
    bin         smallint NOT NULL, -- 0 is [0, 0.05), 19 is [0.95, 1]
    n           bigint NOT NULL,
    forecast    double precision NOT NULL, -- sum of the probabilities
    happened    bigint NOT NULL,
    PRIMARY KEY (competition, season, model, checkpoint, bin)
);

CREATE TABLE models (
    id         text COLLATE "C" PRIMARY KEY,
    version    int  NOT NULL,
    change     text NOT NULL, -- the last change in its life: registered, shadowed, split, promoted, retired
    kind       text NOT NULL,
    digest     text NOT NULL,
    note       text NOT NULL,
    changed_at timestamptz NOT NULL,
    log_offset bigint NOT NULL
);

CREATE TABLE quarantine_entries (
    partition     int    NOT NULL, -- position of the entry in the quarantine topic
    log_offset    bigint NOT NULL,
    published_at  timestamptz NOT NULL,
    stage         text NOT NULL,
    stage_version int  NOT NULL,
    reason        text NOT NULL,
    field         text NOT NULL,
    detail        text NOT NULL,
    source_topic     text   NOT NULL, -- position of the original
    source_partition int    NOT NULL,
    source_offset    bigint NOT NULL,
    key           bytea  NOT NULL,
    original      bytea  NOT NULL, -- its first 4 KiB; the topic holds the rest
    original_size bigint NOT NULL,
    digest        text   NOT NULL,
    PRIMARY KEY (partition, log_offset)
);

-- Records of the line that this projection could not write: a frame that does not decode, a value that Postgres refuses.
CREATE TABLE parked_records (
    topic      text   NOT NULL,
    epoch      bigint NOT NULL,
    partition  int    NOT NULL,
    log_offset bigint NOT NULL,
    reason     text   NOT NULL,
    key        bytea  NOT NULL,
    value      bytea  NOT NULL, -- its first 4 KiB; the topic holds the rest
    parked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, epoch, partition, log_offset)
);

CREATE VIEW league_tables AS
WITH results AS (
    SELECT competition, season, home AS team, home_goals AS goals_for, away_goals AS goals_against
    FROM matches WHERE phase = 'settled'
    UNION ALL
    SELECT competition, season, away, away_goals, home_goals FROM matches WHERE phase = 'settled'
), sums AS (
    SELECT competition, season, team,
           count(*)                                      AS played,
           count(*) FILTER (WHERE goals_for > goals_against) AS won,
           count(*) FILTER (WHERE goals_for = goals_against) AS drawn,
           count(*) FILTER (WHERE goals_for < goals_against) AS lost,
           sum(goals_for)                                AS goals_for,
           sum(goals_against)                            AS goals_against,
           sum(CASE WHEN goals_for > goals_against THEN 3 WHEN goals_for = goals_against THEN 1 ELSE 0 END) AS points
    FROM results GROUP BY competition, season, team
)
SELECT *, goals_for - goals_against AS goal_difference,
       rank() OVER (PARTITION BY competition, season
                    ORDER BY points DESC, goals_for - goals_against DESC, goals_for DESC) AS position
FROM sums;

-- +goose Down
DROP VIEW league_tables;
DROP TABLE parked_records, quarantine_entries, models, model_calibration, model_quality, evaluations, ratings_history,
    predictions_history, predictions_latest, match_events, matches, teams, competitions, checkpoints, topics;
