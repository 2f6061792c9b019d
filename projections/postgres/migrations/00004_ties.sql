-- +goose Up

-- What a knock-out adds to a match. Rows from before say that they are of no knock-out until the projections are rebuilt.
ALTER TABLE matches
    ADD COLUMN tie             text     NOT NULL DEFAULT '', -- single, first-leg, second-leg, replay; '': no knock-out
    ADD COLUMN home_extra      smallint NOT NULL DEFAULT 0,  -- goals in extra time, part of home_goals
    ADD COLUMN away_extra      smallint NOT NULL DEFAULT 0,
    ADD COLUMN home_kicks      smallint NOT NULL DEFAULT 0,  -- taken in the shoot-out
    ADD COLUMN away_kicks      smallint NOT NULL DEFAULT 0,
    ADD COLUMN home_penalties  smallint NOT NULL DEFAULT 0,  -- of them scored
    ADD COLUMN away_penalties  smallint NOT NULL DEFAULT 0,
    ADD COLUMN shootout_winner text     NOT NULL DEFAULT ''; -- home, away

CREATE OR REPLACE VIEW league_tables AS
WITH results AS (
    SELECT competition, season, home AS team, home_goals AS goals_for, away_goals AS goals_against
    FROM matches WHERE phase = 'settled' AND tie = ''
    UNION ALL
    SELECT competition, season, away, away_goals, home_goals FROM matches WHERE phase = 'settled' AND tie = ''
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
CREATE OR REPLACE VIEW league_tables AS
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
ALTER TABLE matches DROP COLUMN tie, DROP COLUMN home_extra, DROP COLUMN away_extra, DROP COLUMN home_kicks,
    DROP COLUMN away_kicks, DROP COLUMN home_penalties, DROP COLUMN away_penalties, DROP COLUMN shootout_winner;
