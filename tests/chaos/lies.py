# SPDX-License-Identifier: ISC
"""Faults: replies of neighbours that are truncated, wrong, endless, or meant for others."""
import contextlib

REDIS = {"redis_cuts_replies": "cut", "redis_talks_garbage": "garbage", "redis_sends_100_megabytes": "huge", "redis_nests_replies": "nested",
         "redis_resets_connections": "reset", "redis_takes_no_connections": "full",
         "redis_is_loading": "LOADING Redis is loading the dataset in memory",
         "redis_cannot_save": "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk"}
DNS = {"dns_fails": "servfail", "dns_is_lame": "lame", "dns_truncates": "truncated", "dns_sends_thousands_of_records": "many",
       "dns_answers_other_questions": "ids"}
HTTPS = {"https_alerts": "alert", "https_certificate_is_expired": "expired", "https_drips": "drip", "https_hangs": "hang",
         "https_sends_headers_without_end": "headers", "https_sends_a_body_without_end": "body", "https_resets_connections": "reset"}


def fault(name, liar, mode):
    """liar: the name of the lab's attribute with the liar."""
    @contextlib.contextmanager
    def context(lab):
        with getattr(lab, liar).lies(mode):
            yield
    context.__name__ = name
    return context


FAULTS = [fault(name, liar, mode) for liar, modes in (("redis_liar", REDIS), ("dns_liar", DNS), ("https_liar", HTTPS))
          for name, mode in modes.items()]
