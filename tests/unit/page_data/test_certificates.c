/* SPDX-License-Identifier: ISC */
/* test_certificates.c - reads the file of stsctl check --metrics. */
#include "config.h"

#include "stsctl/page_data/certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EXPIRY "mta_sts_check_certificate_expiry_timestamp_seconds"
#define RUN "mta_sts_check_last_run_timestamp_seconds 1795910400\n"

static void
test_take(void **state)
{
	static const struct {
		const char *text;
		enum sts_status status;
		size_t count;
		const char *first;
	} cases[] = {
		{ "", STS_EINVAL, 0, NULL },
		{ "a\nb", STS_EINVAL, 0, NULL },
		{ EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 5\n", STS_EINVAL, 1, "mx.a.example" },
		{ RUN, STS_OK, 0, NULL },
		{ "# HELP x\n" EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 500\n"
		    EXPIRY "{domain=\"a.example\",host=\"mta-sts.a.example\"} 40\n" RUN, STS_OK, 2, "mta-sts.a.example" },
		/* a host with several addresses */
		{ EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 5\n" EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 5\n" RUN, STS_OK,
		    1, "mx.a.example" },
		{ EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 5\n" EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 6\n" RUN, STS_OK,
		    2, "mx.a.example" },
		/* lines that check never writes */
		{ EXPIRY "{domain=\"a.example\",host=\"<b>\"} 5\n" EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} -5\n"
		    EXPIRY "{domain=\"a.example\",host=\"mx.a.example\"} 5 \n" EXPIRY "{domain=\"a.example\",host=\"mx.a.example\n"
		    EXPIRY "{domain=\"\n" EXPIRY "\n" RUN, STS_OK, 0, NULL },
		{ "mta_sts_check_last_run_timestamp_seconds 1795910400", STS_OK, 0, NULL },
		{ "mta_sts_check_last_run_timestamp_seconds 99999999999999999999\n", STS_EINVAL, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_data f = { .host = NULL };

		assert_int_equal(certificates_take(cases[i].text, strlen(cases[i].text), &f), cases[i].status);
		assert_int_equal(f.certificate_count, cases[i].count);
		if (cases[i].first != NULL)
			assert_string_equal(f.certificates[0].host, cases[i].first);
		if (cases[i].status == STS_OK)
			assert_int_equal(f.certificates_seen, 1795910400);
		page_data_fini(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
