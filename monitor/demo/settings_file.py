"""The demo's goodwill.toml and README."""

from __future__ import annotations

from monitor.demo.calendar_year import COUNTRY, TIME_ZONE
from monitor.demo.reddit_dump import SUBREDDIT
from monitor.demo.words import COMPANY

MARK = "SYNTHETIC DATA"

_SETTINGS = f"""\
# {MARK}: settings of the made-up company {COMPANY}, written by `goodwill demo`.

[company]
name = "{COMPANY}"
aliases = ["Plover", "plover desk", "ploverdesk.example"]
products = ["{COMPANY} Inbox", "{COMPANY} Flows", "{COMPANY} Insights"]
customers = 6400
competitors = ["Heronflow", "Tidewick", "Mistralane"]
negative_terms = ["plover steno", "ringed plovers", "a plover"]   # shorthand machines and birds are not us

[database]
url = "goodwill.db"

[report]
time_zone = "{TIME_ZONE}"
holidays = "{COUNTRY}"
folder = "reports"
history_weeks = 52

# The customers' own Slack: every message counts as about us.
[[sources]]
name = "customer-slack"
kind = "slack_export"
path = "slack-export.zip"
about_us = "all"

# r/{SUBREDDIT}: only posts that mention us count.
[[sources]]
name = "subreddit"
kind = "reddit_jsonl"
path = "reddit.jsonl"

[[sources]]
name = "deal-notes"
kind = "deal_notes"
path = "deal-notes.csv"

[[sources]]
name = "nps"
kind = "nps"
path = "nps.csv"

[[sources]]
name = "campaigns"
kind = "campaigns"
path = "campaigns.csv"

# The events team's calendar; its mails stand in campaigns.csv already, all-hands are no campaign.
[[sources]]
name = "events"
kind = "calendar"
path = "campaigns.ics"
exclude = ["email", "internal"]

[[sources]]
name = "mail-results"
kind = "campaign_results"
path = "campaign-results.csv"

[[sources]]
name = "incidents"
kind = "incidents"
path = "incidents.csv"

[[sources]]
name = "metrics"
kind = "metrics"
path = "metrics.csv"
"""


def settings_text() -> str:
    """A settings file as a user would write it."""
    return _SETTINGS


def readme_text(seed: int) -> str:
    """What the folder holds."""
    return f"""\
{MARK}, seed {seed}

{COMPANY} does not exist. Every person, company, message, number and address in these files was made up by
`goodwill demo --seed {seed}`; addresses end in example.com. Resemblance to anybody is chance.

slack-export.zip       a customers' Slack, in the layout of Slack's own export
reddit.jsonl           a subreddit: posts about us, about competitors, about neither
deal-notes.csv         notes of sales and success people with the state of each deal
nps.csv                NPS answers with comments
campaigns.csv          the marketing team's plan
campaigns.ics          the events team's calendar (some campaigns stand only here)
campaign-results.csv   sent, delivered, opens, clicks, unsubscribes, complaints
incidents.csv          outages and releases, as far as the status page knows them
metrics.csv            weekly metrics of product and marketing
goodwill.toml          settings, as you would write them
truth.json             what was planted: which campaigns hurt, by how much, which NPS dip follows

Compare the report with truth.json: it will not find everything, and says what it cannot tell.
"""
