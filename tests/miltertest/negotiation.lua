-- SPDX-License-Identifier: ISC
-- negotiation.lua - what the milter asks of the MTA, and MTAs that offer less.
dofile(lib .. "/mta.lua")

local function want_option(conn, name, bit, wanted)
	if mt.test_option(conn, bit) ~= wanted then
		error("option " .. name .. ": want " .. tostring(wanted), 0)
	end
end

mta.case("what is asked of Postfix", function()
	local conn = mta.open()
	want_option(conn, "NOBODY", SMFIP_NOBODY, true)
	want_option(conn, "NOUNKNOWN", SMFIP_NOUNKNOWN, true)
	want_option(conn, "NORCPT", SMFIP_NORCPT, true)
	want_option(conn, "NODATA", SMFIP_NODATA, true)
	want_option(conn, "NOEOH", SMFIP_NOEOH, true)
	for name, bit in pairs({ NR_CONN = SMFIP_NR_CONN, NR_HELO = SMFIP_NR_HELO, NR_MAIL = SMFIP_NR_MAIL,
	    NR_RCPT = SMFIP_NR_RCPT, NR_HDR = SMFIP_NR_HDR, NR_EOH = SMFIP_NR_EOH }) do
		want_option(conn, name, bit, true)
	end
	for name, bit in pairs({ NOCONNECT = SMFIP_NOCONNECT, NOHELO = SMFIP_NOHELO, NOMAIL = SMFIP_NOMAIL,
	    NOHDRS = SMFIP_NOHDRS, NR_DATA = SMFIP_NR_DATA, HDR_LEADSPC = SMFIP_HDR_LEADSPC,
	    RCPT_REJ = SMFIP_RCPT_REJ }) do
		want_option(conn, name, bit, false)
	end
	for _, bit in ipairs({ mta.ADDHDRS, mta.CHGHDRS, mta.SETSYMLIST }) do
		if not mt.test_action(conn, bit) then
			error("action " .. bit .. " is not asked for", 0)
		end
	end
	for _, bit in ipairs({ 0x2, 0x4, 0x8, mta.QUARANTINE, 0x40, 0x80 }) do
		if mt.test_action(conn, bit) then
			error("action " .. bit .. " is asked for", 0)
		end
	end
	mta.close(conn)
end)

-- Without options, every event must be answered; with some, the remaining ones.
for name, steps in pairs({ ["no options"] = 0, ["protocol 2"] = 0x7f, ["milter_protocol = 2 of Postfix"] = 0xff0ff,
    ["only NR_HDR"] = 0x80, ["all but NR_MAIL"] = 0x1fffff & ~0x4000 }) do
	mta.case("an MTA with " .. name, function()
		local conn = mta.open({ steps = steps })
		mta.helo(conn)
		mta.message(conn, "<a@sender.test>", mta.TLS13, { "X-MTA-STS", "X-Other" })
		mta.want(conn, "domain=sender.test", "tls=TLSv1.3")
		mta.want_removed(conn, 1)
		mta.message(conn, "<b@sender.test>", mta.TLS13)
		mta.want(conn, "domain=sender.test")
		mta.close(conn)
	end)
end

mta.case("an MTA that lets nobody change headers", function()
	-- Not 0, which libmilter takes as the actions of protocol version 1.
	local conn = mta.open({ actions = mta.QUARANTINE })
	mta.helo(conn)
	mta.mail(conn, "<a@sender.test>", mta.TLS13)
	mta.headers(conn, { "X-MTA-STS" })
	mta.eom(conn)
	mta.want_none(conn)
	mta.close(conn)
end)
