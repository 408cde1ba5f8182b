"""The cleaning rules, in the order they run. One file per rule, named for what it removes.

A rule is a pure function ``Article -> Article``. It takes whole paragraphs out with `newscrawl.clean.cut.cut`,
and returns the very same object when it finds nothing. Its cases stand in ``tests/cases/rules/<rule>.toml``.
"""

from __future__ import annotations

from collections.abc import Callable

from newscrawl.article import Article
from newscrawl.clean.rules.advertisement import advertisement
from newscrawl.clean.rules.app_banners import app_banners
from newscrawl.clean.rules.author_bio import author_bio
from newscrawl.clean.rules.breadcrumbs import breadcrumbs
from newscrawl.clean.rules.byline_lines import byline_lines
from newscrawl.clean.rules.comments_notice import comments_notice
from newscrawl.clean.rules.consecutive_duplicates import consecutive_duplicates
from newscrawl.clean.rules.consent import consent
from newscrawl.clean.rules.contact_lines import contact_lines
from newscrawl.clean.rules.contents import contents
from newscrawl.clean.rules.copyright_lines import copyright_lines
from newscrawl.clean.rules.dangling_labels import dangling_labels
from newscrawl.clean.rules.image_captions import image_captions
from newscrawl.clean.rules.kicker import kicker
from newscrawl.clean.rules.newsletter import newsletter
from newscrawl.clean.rules.placeholders import placeholders
from newscrawl.clean.rules.pull_quotes import pull_quotes
from newscrawl.clean.rules.read_also import read_also
from newscrawl.clean.rules.repeated_description import repeated_description
from newscrawl.clean.rules.repeated_title import repeated_title
from newscrawl.clean.rules.reporting_credits import reporting_credits
from newscrawl.clean.rules.share_buttons import share_buttons
from newscrawl.clean.rules.skip_links import skip_links
from newscrawl.clean.rules.social_embeds import social_embeds
from newscrawl.clean.rules.subscription_offers import subscription_offers
from newscrawl.clean.rules.tag_lines import tag_lines
from newscrawl.clean.rules.ticker_controls import ticker_controls
from newscrawl.clean.rules.toolbars import toolbars

Rule = Callable[[Article], Article]

RULES: tuple[Rule, ...] = (
    # What stands anywhere, so that the rules that look at neighbours see real neighbours.
    placeholders,
    advertisement,
    skip_links,
    share_buttons,
    toolbars,
    ticker_controls,
    social_embeds,
    consent,
    app_banners,
    subscription_offers,
    # The head of the text, from the outside in. Captions first: they are known by the titles around them.
    breadcrumbs,
    image_captions,
    repeated_title,
    byline_lines,
    repeated_description,
    kicker,
    # The rest.
    consecutive_duplicates,
    pull_quotes,
    contents,
    read_also,
    newsletter,
    comments_notice,
    tag_lines,
    copyright_lines,
    contact_lines,
    reporting_credits,
    author_bio,
    # Last: what a label led to has gone by now.
    dangling_labels,
)
