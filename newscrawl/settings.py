"""Every Scrapy default the project sets, with the reason beside it.

Scrapy settings say how to crawl, the sources file says what. ``-s NAME=VALUE`` wins over the
environment, the environment over this file; every ``NEWSCRAWL_*`` name may come from any of them.
"""

from __future__ import annotations

import os

BOT_NAME = "newscrawl"
SPIDER_MODULES = ["newscrawl.spiders"]
NEWSPIDER_MODULE = "newscrawl.spiders"
COMMANDS_MODULE = "newscrawl.commands"  # `scrapy crawl` with the project's exit codes and one-sentence errors

# --- newscrawl's own; every other NEWSCRAWL_* name is a field of an options class, with its default there
NEWSCRAWL_DATA = "data"  # the data directory: dump and state
NEWSCRAWL_SOURCES = "data/sources.toml"
NEWSCRAWL_ALLOW_ADDRESSES = ""  # host:port pairs that may be private, for tests and intranets
NEWSCRAWL_CONTACT = ""  # a mail address or page that publishers can turn to; goes into the user agent
NEWSCRAWL_FULL_FETCH_EVERY = 8  # so often a page is fetched whole although its validators say that it is the same
NEWSCRAWL_COMPACT_OVER_FILES = 50  # more files of a stream and day become one when a run ends; 0: never
NEWSCRAWL_KEEP_OUTCOMES_DAYS = 90  # so many crawl days of outcomes stay in the dump; 0: all
NEWSCRAWL_KEEP_RAW_DAYS = 0  # so many crawl days of raw pages stay; 0: all
NEWSCRAWL_KEEP_RUNS_DAYS = 30  # older runs are summed up by day in the manifest; 0: none
NEWSCRAWL_DUMP = ""  # s3://bucket/prefix: the dump is published there, and not into the data directory
NEWSCRAWL_DUMP_COMPRESSION = (
    "none"  # of the files of the logs: gzip and zstd are known too; the current view stays plain
)
NEWSCRAWL_LOG_FORMAT = "text"  # "json": one object a log line
NEWSCRAWL_FIRST_BYTE_S = 15.0  # a server that has not begun to answer by then is given up; 0: no bound of its own
NEWSCRAWL_HONOUR = "noindex,noai,unavailable_after,tdm,usage,train_ai"  # opt-outs that keep an article out
NEWSCRAWL_MAX_MB_PER_SITE = 4_000  # a run gets no more of one site, after decompression; 0: no bound
NEWSCRAWL_MAX_REQUESTS_PER_SITE = 20_000  # a run sends no more to one site, all kinds of requests; 0: no bound
NEWSCRAWL_MAX_TIME_S = 0  # after so many seconds a run ends in order; 0: when it is done
NEWSCRAWL_MAX_QUEUED_IN_MEMORY = 20_000  # requests that wait, over all hosts; more wait in a temporary file
NEWSCRAWL_MIN_FREE_MB = 100  # with less room on the disk no run begins, and one that goes on ends in order
NEWSCRAWL_RECLEAN_DAYS = 7  # so long published texts are cleaned again when their site's furniture is learned
NEWSCRAWL_PUBLISH_EVERY_S = 900  # a crawl that goes on (-a continuous=true) publishes at least so often
NEWSCRAWL_ALERT_COMMAND = ""  # run when an alarm of a source begins or is over, with JSON on standard input; no shell
NEWSCRAWL_ALERT_WEBHOOK = ""  # likewise: an address to which the JSON is posted; it may be a private one
NEWSCRAWL_METRICS_FILE = ""  # figures for Prometheus, written when a run ends
NEWSCRAWL_STATE = ""  # postgresql://user@host/database: the store is there, for several runs at once, and not in a file
NEWSCRAWL_LEASE_S = 60.0  # seconds: a worker of a shared store that is silent for so long loses its hosts to the others
NEWSCRAWL_SOURCES_PER_WORKER = 64  # of a shared store: so many at once
NEWSCRAWL_STATE_WAIT_S = 600  # so long a database that went away is waited for
NEWSCRAWL_WAIT_S = 0  # how long to wait for a data directory that another run owns

# --- polite
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 32  # over all hosts: a dozen silent ones must not keep the others waiting
CONCURRENT_ITEMS = 1  # of one page; Scrapy makes so many tasks for each page: 100 cost 0.4 ms, and a page has one item
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 32 * 1024 * 1024  # bytes of pages that wait for workers; more, and fetching pauses
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # what a reader with two tabs does
DOWNLOAD_DELAY = 1.0  # seconds between requests to a host, varied by half
AUTOTHROTTLE_ENABLED = True  # a slow host is asked more slowly
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
SCHEDULER_PRIORITY_QUEUE = "newscrawl.schedulers.host_queue.HostQueue"  # hosts take turns; none holds up another
RETRY_TIMES = 1  # the next run is the better second try
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # every address ends in one outcome; the summary has them all

DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
# No Accept-Language (Scrapy asks for English): a site answers in its own language.

# --- safe
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes, after decompression: the largest real article pages are below 6 MB
DOWNLOAD_WARNSIZE = 0  # over the limit is an outcome, below it no news
DOWNLOAD_TIMEOUT = 30  # seconds in total
DNS_TIMEOUT = 10  # seconds
REACTOR_THREADPOOL_MAXSIZE = 20  # names are looked up in threads, and a slow one holds its thread
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 5  # seconds: slower refreshes reload a page, they do not lead to one
DEPTH_LIMIT = 0  # the site finder counts depth in sitemaps and sections; here a probe for a feed would count too
URLLENGTH_LIMIT = 2083
COOKIES_ENABLED = False  # nothing here needs a session
REFERRER_POLICY = "same-origin"
TELNETCONSOLE_ENABLED = False  # it runs code
REMOTE_CONTROL_ENABLED = False  # it runs code
DOWNLOAD_VERIFY_CERTIFICATES = True
MEMUSAGE_LIMIT_MB = 2048  # a run that grows past this ends in order instead of swapping the machine
DOWNLOAD_HANDLERS = {
    "http": "newscrawl.middlewares.rendering.RenderingHandler",
    "https": "newscrawl.middlewares.rendering.RenderingHandler",
    # Pages come from http and https only; a redirect must never reach a file or a bucket.
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    "newscrawl.middlewares.redirects.NoUserInfoMiddleware": 10,
    "newscrawl.middlewares.ownership.OwnershipMiddleware": 90,  # robots.txt too is asked for by one worker alone
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newscrawl.middlewares.robots.RobotsMiddleware": 100,
    "newscrawl.middlewares.declarations.DeclarationsMiddleware": 110,
    "newscrawl.middlewares.site_limits.SiteLimitsMiddleware": 120,  # what robots.txt forbids is no request
    "newscrawl.middlewares.backoff.BackoffMiddleware": 560,  # between retries and the network
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "newscrawl.middlewares.redirects.CarefulMetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "newscrawl.middlewares.compression.CompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "newscrawl.middlewares.redirects.CarefulRedirectMiddleware": 600,
    "newscrawl.middlewares.redirects.OriginHeadersMiddleware": 760,  # behind all that add headers
    "newscrawl.middlewares.validators.ValidatorsMiddleware": 650,  # behind redirects, which copy headers
    "newscrawl.extensions.raw.RawPages": 990,  # the nearest to the wire, for NEWSCRAWL_RAW
}

# --- what happens to an article
ITEM_PIPELINES = {
    "pipelines.normalise.NormalisePipeline": 100,
    "pipelines.check.CheckPipeline": 200,
    "pipelines.store.StorePipeline": 300,
}
EXTENSIONS = {
    "newscrawl.extensions.run.CrawlRun": 0,
    "newscrawl.extensions.claims.Claims": 10,
    "newscrawl.extensions.health.HealthWatch": 100,
    "newscrawl.extensions.metrics.Metrics": 110,  # behind the watch, whose summary it writes
    "newscrawl.extensions.notify.Notify": 120,
    "newscrawl.extensions.events.Events": 400,
    "newscrawl.extensions.progress.Progress": 500,
    "newscrawl.extensions.stop.StopInTime": 900,
    "scrapy.extensions.logstats.LogStats": None,  # the progress line says it in articles
    "scrapy.extensions.remote_control.RemoteControl": None,  # off anyway, it takes a tenth of a second to load
    "scrapy.extensions.telnet.TelnetConsole": None,  # likewise
}
FEED_EXPORT_ENCODING = "utf-8"
HTTPERROR_ALLOW_ALL = False

# --- said aloud
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s [%(name)s] %(message)s"
LOG_VERSIONS: list[str] = []  # the manifest records them
STATS_DUMP = False  # the summary says it in words
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"
LOGSTATS_INTERVAL = 60.0  # seconds between progress lines where there is no terminal

globals().update({name: value for name, value in os.environ.items() if name.startswith("NEWSCRAWL_")})
