-- SPDX-License-Identifier: ISC
-- refusals.lua - what the milter negotiates when it may refuse mail, and refusals at RCPT TO and at the end of the message.
dofile(lib .. "/mta.lua")

local function want(what, got, wanted)
	if got ~= wanted then
		error(what .. ": got " .. tostring(got) .. ", want " .. tostring(wanted), 0)
	end
end

local function rcpt(conn, recipient)
	want("RCPT", mt.rcptto(conn, recipient), nil)
	return mt.getreply(conn)
end

-- The milter replies to the recipient with its own SMTP reply; miltertest cannot tell which.
local function refused(conn, recipient)
	want(recipient, rcpt(conn, recipient), SMFIR_REPLYCODE)
end

local function accepted(conn, recipient)
	want(recipient, rcpt(conn, recipient), SMFIR_CONTINUE)
end

local function open(options)
	local conn = mta.open(options)

	mta.helo(conn)
	return conn
end

local function with(macros, more)
	local list = {}

	for _, words in ipairs({ macros, more }) do
		for _, word in ipairs(words) do
			list[#list + 1] = word
		end
	end
	return list
end

-- At RCPT TO only policies in memory count. The end of the message waits for lookups.
mta.case("the domains are looked up", function()
	for _, domain in ipairs({ "reject", "tempfail", "hold", "cert", "elsewhere" }) do
		local conn = open()

		mta.mail(conn, "<a@" .. domain .. ".test>", mta.TLS13)
		mta.headers(conn)
		want("end of message", mt.eom(conn), nil)
		mta.close(conn)
	end
end)

mta.case("what is asked of Postfix", function()
	local conn = open()

	for name, bit in pairs({ NORCPT = SMFIP_NORCPT, NR_RCPT = SMFIP_NR_RCPT, RCPT_REJ = SMFIP_RCPT_REJ }) do
		want("option " .. name, mt.test_option(conn, bit), false)
	end
	for name, bit in pairs({ NR_CONN = SMFIP_NR_CONN, NR_MAIL = SMFIP_NR_MAIL, NR_HDR = SMFIP_NR_HDR }) do
		want("option " .. name, mt.test_option(conn, bit), true)
	end
	want("quarantine", mt.test_action(conn, mta.QUARANTINE), true)
	mta.close(conn)
end)

mta.case("the sender's domain, at RCPT TO", function()
	local conn = open()

	mta.mail(conn, "<a@reject.test>", mta.PLAIN)
	refused(conn, "<user@ours.test>")
	accepted(conn, "<postmaster@ours.test>")
	refused(conn, "<user@other.test>")
	mta.headers(conn, { "X-MTA-STS" })
	mta.eom(conn)
	mta.want(conn, "action=accept", "domain=reject.test")
	mta.want_logged(" action=reject cause=sender-rule waived=- refused=2 ")
	mta.close(conn)
end)

mta.case("one recipient of several", function()
	local conn = open()

	mta.mail(conn, "<a@elsewhere.test>", mta.PLAIN)
	accepted(conn, "<user@ours.test>")
	refused(conn, "<user@strict.test>")
	refused(conn, "<Postmaster@strict.test>")
	accepted(conn, "<abuse@strict.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "action=accept", "domain=elsewhere.test")
	mta.close(conn)
end)

-- strict.test was the only one of our domains among the recipients, and was refused.
mta.case("a refused recipient is no recipient", function()
	local conn = open()

	mta.mail(conn, "<a@elsewhere.test>", mta.PLAIN)
	refused(conn, "<user@strict.test>")
	accepted(conn, "<user@ours.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "action=accept", "domain=elsewhere.test", "!rcpt")
	mta.want_logged(" rcpt=- ")
	mta.mail(conn, "<a@elsewhere.test>", mta.PLAIN)
	refused(conn, "<user@strict.test>")
	accepted(conn, "<abuse@strict.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "rcpt=absent")
	mta.close(conn)
end)

-- The milter does not ask for recipients that the MTA rejects; an MTA that sends them anyway marks them.
mta.case("a recipient that the MTA has refused itself", function()
	local conn = open()

	mta.mail(conn, "<a@elsewhere.test>", mta.TLS13)
	want("macros", mt.macro(conn, SMFIC_RCPT, "{rcpt_mailer}", "error", "{rcpt_host}", "5.1.1"), nil)
	accepted(conn, "<user@strict.test>")
	want("macros", mt.macro(conn, SMFIC_RCPT, "{rcpt_mailer}", "virtual"), nil)
	accepted(conn, "<user@ours.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "!rcpt")
	mta.close(conn)
end)

mta.case("nothing of one message shows in the next", function()
	local conn = open()

	mta.mail(conn, "<a@reject.test>", mta.PLAIN)
	refused(conn, "<user@ours.test>")
	mt.abort(conn)
	mta.mail(conn, "<a@reject.test>", mta.TLS13)
	accepted(conn, "<user@ours.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "action=accept", "tls=TLSv1.3")
	mta.want_logged(" action=accept cause=- waived=- refused=0 ")
	mta.close(conn)
end)

mta.case("a temporary refusal", function()
	local conn = open()

	mta.mail(conn, "<a@tempfail.test>", mta.TLS12)
	refused(conn, "<user@ours.test>")
	mta.close(conn)
end)

-- Without a RCPT, the sender's policy is applied at the end of the message.
mta.case("the end of the message", function()
	local conn = open()

	mta.mail(conn, "<a@reject.test>", mta.PLAIN)
	mta.headers(conn)
	want("end of message", mt.eom(conn), nil)
	want("answer", mt.getreply(conn), SMFIR_REPLYCODE)
	if not mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.10", "Encryption needed for mail of reject.test: this session is not encrypted") then
		error("another reply at the end of the message", 0)
	end
	mta.want_none(conn)
	mta.close(conn)
	conn = open()
	mta.message(conn, "<a@elsewhere.test>", mta.PLAIN)
	mta.want(conn, "action=accept")
	mta.close(conn)
end)

mta.case("quarantine by either side", function()
	for sender, recipient in pairs({ ["<a@hold.test>"] = "<user@ours.test>", ["<a@elsewhere.test>"] = "<user@held.test>" }) do
		local conn = open()

		mta.mail(conn, sender, mta.PLAIN)
		accepted(conn, recipient)
		mta.headers(conn)
		mta.eom(conn)
		if not mt.eom_check(conn, MT_QUARANTINE) then
			error(sender .. ": not quarantined", 0)
		end
		mta.close(conn)
	end
end)

mta.case("an MTA that lets nobody quarantine", function()
	local conn = open({ actions = mta.ADDHDRS | mta.CHGHDRS | mta.SETSYMLIST })

	mta.mail(conn, "<a@hold.test>", mta.PLAIN)
	accepted(conn, "<user@ours.test>")
	mta.headers(conn)
	mta.eom(conn)
	want("quarantine", mt.eom_check(conn, MT_QUARANTINE), false)
	mta.want(conn, "action=quarantine")
	mta.close(conn)
end)

-- Macros that the milter could not request are not missing: unknown TLS never fails.
mta.case("an MTA that says nothing of TLS", function()
	local conn = open({ actions = mta.ADDHDRS | mta.CHGHDRS | mta.QUARANTINE })

	mta.mail(conn, "<a@reject.test>", mta.PLAIN)
	accepted(conn, "<user@strict.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "tls=unknown", "action=accept")
	mta.close(conn)
end)

mta.case("client certificates", function()
	local conn = open()

	mta.mail(conn, "<a@cert.test>", with(mta.TLS13, { "{cert_subject}", "mail.partner.test", "{cert_issuer}", "Some CA" }))
	accepted(conn, "<user@ours.test>")
	mt.abort(conn)
	mta.mail(conn, "<a@cert.test>", mta.TLS13)
	refused(conn, "<user@ours.test>")
	mt.abort(conn)
	mta.mail(conn, "<a@cert.test>", with(mta.TLS13, { "{cert_subject}", "mail.other.test", "{cert_issuer}", "Some CA" }))
	refused(conn, "<user@ours.test>")
	mta.close(conn)
end)

for name, steps in pairs({ ["no options"] = 0, ["protocol 2"] = 0x7f, ["milter_protocol = 2 of Postfix"] = 0xff0ff }) do
	mta.case("an MTA with " .. name, function()
		local conn = open({ steps = steps })

		mta.mail(conn, "<a@reject.test>", mta.PLAIN)
		refused(conn, "<user@ours.test>")
		accepted(conn, "<abuse@ours.test>")
		mta.headers(conn)
		mta.eom(conn)
		mta.close(conn)
	end)
end
