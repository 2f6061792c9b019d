-- +goose Up
-- A table needs the rules of its season and what courts ruled, which are configuration: it is made when it is asked for.
DROP VIEW league_tables;

-- +goose Down
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
