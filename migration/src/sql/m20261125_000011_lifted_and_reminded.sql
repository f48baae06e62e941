-- What was pressed for is lifted by the district alone, with a reason. What a clock brought stays
-- known, so that it is not brought again.
ALTER TABLE issue_supervision ADD COLUMN lifted_at {timestamp};
ALTER TABLE issue_supervision ADD COLUMN lifted_by_id {uuid} REFERENCES user_account (id);
ALTER TABLE issue_supervision ADD COLUMN lift_reason text CHECK (length(lift_reason) >= 1);
DROP INDEX issue_supervision_awaits;
CREATE UNIQUE INDEX issue_supervision_awaits ON issue_supervision (issue_id) WHERE kind = 'MEETING' AND meeting_id IS NULL AND lifted_at IS NULL;

-- When whoever an issue waits for is reminded next. Those who are waited for already are looked at
-- by the next sweep.
ALTER TABLE enterprise_issue ADD COLUMN reminds_at {timestamp};
UPDATE enterprise_issue SET reminds_at = updated_at WHERE state IN ('NEEDS_INFO', 'RESPONDED') AND lapses_at IS NOT NULL;

-- For the sweep, which asks for the issues of all districts at once.
CREATE INDEX enterprise_issue_reminding ON enterprise_issue (reminds_at) WHERE reminds_at IS NOT NULL;
CREATE INDEX enterprise_issue_due_to_lapse ON enterprise_issue (lapses_at) WHERE lapses_at IS NOT NULL;
CREATE INDEX issue_clock_running ON issue_clock (warn_at) WHERE running_since IS NOT NULL;

-- What shows a light, and no more: an order by light sorts these alone.
CREATE INDEX enterprise_issue_lit ON enterprise_issue (district_id, warn_at) WHERE warn_at IS NOT NULL OR state IN ('NEEDS_INFO', 'ON_HOLD');
