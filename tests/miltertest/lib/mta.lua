-- SPDX-License-Identifier: ISC
-- mta.lua - a small MTA on top of miltertest. Scripts call mta.case(name, function), and the runner checks the exit
-- status. Globals from the runner: socket, log (the milter's log file), story (its name).
-- miltertest overruns its buffers if an argument is longer than about 1000 bytes, so none is; the unit tests cover that.

mta = {}

-- What Postfix 3.7 offers.
mta.ACTIONS = 0x1ff
mta.STEPS = 0x1fffff
mta.ADDHDRS, mta.CHGHDRS, mta.QUARANTINE, mta.SETSYMLIST = 0x1, 0x10, 0x20, 0x100

mta.TLS13 = { "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384", "{cipher_bits}", "256" }
mta.TLS12 = { "{tls_version}", "TLSv1.2", "{cipher}", "ECDHE-RSA-AES128-GCM-SHA256", "{cipher_bits}", "128" }
mta.PLAIN = {}

-- The queue id of the last message, unique for each; and of the last one on each connection.
mta.id = story .. "0"
local messages, ids = 0, {}

function mta.next_id(conn)
	messages = messages + 1
	mta.id = story .. messages
	ids[conn] = mta.id
	return mta.id
end

local function fail(text)
	error(text, 0)
end

-- All mt functions return nil on success.
local function ok(what, result)
	if result ~= nil then
		fail(what .. ": " .. tostring(result))
	end
end

-- Runs one story. An error ends the script, with the story's name.
function mta.case(name, story)
	local fine, why = pcall(story)

	if not fine then
		mt.echo("FAILED: " .. name .. ": " .. tostring(why))
		error(why, 0)
	end
	mt.echo("  " .. name)
end

-- options: actions, steps (what the MTA offers), name, addr, port (the client; name and port go into macros)
function mta.open(options)
	local o = options or {}
	local conn = mt.connect(socket, 100, 0.05)
	local macros = {}

	if conn == nil then
		fail("cannot connect to the milter")
	end
	-- Steps come before actions, contrary to the manual page.
	ok("negotiate", mt.negotiate(conn, 6, o.steps or mta.STEPS, o.actions or mta.ACTIONS))
	if o.name ~= false then
		macros[#macros + 1] = "{client_name}"
		macros[#macros + 1] = o.name or "mail.sender.test"
	end
	if o.port ~= false then
		macros[#macros + 1] = "{client_port}"
		macros[#macros + 1] = o.port or "4444"
	end
	if #macros > 0 then
		ok("macros", mt.macro(conn, SMFIC_CONNECT, table.unpack(macros)))
	end
	ok("connect", mt.conninfo(conn, "mail.sender.test", o.addr or "192.0.2.10"))
	mta.go_on(conn)
	return conn
end

function mta.close(conn, polite)
	mt.disconnect(conn, polite ~= false)
end

-- Fails unless the last answer, if there was one, was "continue".
function mta.go_on(conn)
	local reply = mt.getreply(conn)

	if reply ~= 0 and reply ~= SMFIR_CONTINUE then
		fail("answer " .. tostring(reply))
	end
end

function mta.helo(conn, name, macros)
	if macros ~= nil and #macros > 0 then
		ok("macros", mt.macro(conn, SMFIC_HELO, table.unpack(macros)))
	end
	ok("HELO", mt.helo(conn, name or "mail.sender.test"))
	mta.go_on(conn)
end

-- sender: with angle brackets; macros: a list; "i" is added. Needs a HELO before: otherwise miltertest makes one up, and
-- drops the macros.
function mta.mail(conn, sender, macros)
	local list = { "i", mta.next_id(conn) }

	for _, word in ipairs(macros or {}) do
		list[#list + 1] = word
	end
	ok("macros", mt.macro(conn, SMFIC_MAIL, table.unpack(list)))
	ok("MAIL", mt.mailfrom(conn, sender))
	mta.go_on(conn)
end

function mta.rcpt(conn, recipient)
	if not mt.test_option(conn, SMFIP_NORCPT) then
		ok("RCPT", mt.rcptto(conn, recipient or "<user@ours.test>"))
		mta.go_on(conn)
	end
end

-- fields: a list of names, or of { name, value }
function mta.headers(conn, fields)
	if not mt.test_option(conn, SMFIP_NODATA) then
		ok("DATA", mt.data(conn))
		mta.go_on(conn)
	end
	for _, field in ipairs(fields or {}) do
		if type(field) == "string" then
			field = { field, "v=1; host=mx.test; result=pass" }
		end
		ok("header", mt.header(conn, field[1], field[2]))
		mta.go_on(conn)
	end
	ok("header", mt.header(conn, "Subject", "test"))
	if not mt.test_option(conn, SMFIP_NOEOH) then
		ok("end of header", mt.eoh(conn))
		mta.go_on(conn)
	end
end

function mta.eom(conn)
	if not mt.test_option(conn, SMFIP_NOBODY) then
		ok("body", mt.bodystring(conn, "X-MTA-STS: not a header\r\n"))
		mta.go_on(conn)
	end
	mta.id = ids[conn] or mta.id
	ok("end of message", mt.eom(conn))
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		fail("the message is answered with " .. tostring(mt.getreply(conn)))
	end
end

-- One message, from MAIL to end of message.
function mta.message(conn, sender, macros, fields)
	mta.mail(conn, sender, macros)
	mta.rcpt(conn)
	mta.headers(conn, fields)
	mta.eom(conn)
end

-- The value of our field, unfolded, with "; " at both ends; an error if there is none, or more than one, or if it is in
-- the wrong place.
function mta.field(conn)
	local value = mt.getheader(conn, "X-MTA-STS", 0)

	if value == nil or not mt.eom_check(conn, MT_HDRINSERT, "X-MTA-STS", value, 1) then
		fail("no X-MTA-STS was inserted at 1")
	end
	if mt.getheader(conn, "X-MTA-STS", 1) ~= nil then
		fail("more than one X-MTA-STS was inserted")
	end
	if mt.eom_check(conn, MT_HDRADD) or mt.eom_check(conn, MT_QUARANTINE) or mt.eom_check(conn, MT_BODYCHANGE) then
		fail("something else was done to the message")
	end
	for line in (("X-MTA-STS: " .. value) .. "\n"):gmatch("(.-)\n") do
		if #line > 78 and line:find("; ") then
			fail("a line of " .. #line .. " columns: " .. line)
		end
	end
	if value:find("[^%w._:+%-=; \n\t]") or value:find("\n[^\t]") then
		fail("odd bytes in " .. value)
	end
	return "; " .. value:gsub("\n\t", " ") .. "; "
end

-- Arguments: tags that must be in the field; `!name` means that there must be no tag of that name.
function mta.want(conn, ...)
	local field = mta.field(conn)

	for _, tag in ipairs({ ... }) do
		if tag:sub(1, 1) == "!" then
			if field:find("; " .. tag:sub(2) .. "=", 1, true) then
				fail("a tag " .. tag:sub(2) .. " in " .. field)
			end
		elseif not field:find("; " .. tag .. "; ", 1, true) then
			fail("no " .. tag .. " in " .. field)
		end
	end
end

function mta.want_none(conn)
	if mt.getheader(conn, "X-MTA-STS", 0) ~= nil or mt.eom_check(conn, MT_HDRINSERT) or mt.eom_check(conn, MT_HDRADD) then
		fail("a field was added")
	end
end

local function look_for_line()
	for line in io.lines(log) do
		if line:find(mta.id .. ": ", 1, true) then
			return line
		end
	end
end

-- The log line of the last, completed message. Waits for it: a separate thread writes the log.
function mta.logged()
	local line = look_for_line()

	for _ = 1, 200 do
		if line ~= nil then
			return line
		end
		mt.sleep(0.05)
		line = look_for_line()
	end
	return line or ""
end

-- Checks the number of removed fields, using the log: miltertest can only tell whether any was.
function mta.want_removed(conn, count)
	mta.id = ids[conn] or mta.id
	if mt.eom_check(conn, MT_HDRDELETE, "X-MTA-STS") ~= (count > 0) then
		fail("fields removed: want " .. count)
	end
	if not (mta.logged() .. " "):find(" forged=" .. count .. " ", 1, true) then
		fail("want forged=" .. count .. " in " .. mta.logged())
	end
end

function mta.want_logged(text)
	if not mta.logged():find(text, 1, true) then
		fail("want " .. text .. " in " .. mta.logged())
	end
end

return mta
