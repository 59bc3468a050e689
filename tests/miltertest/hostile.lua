-- SPDX-License-Identifier: ISC
-- hostile.lua - hostile values that the MTA passes on from a client: still one field, one log line, and only allowed bytes.
dofile(lib .. "/mta.lua")

local function story(name, options, helo, sender, macros, ...)
	local tags = { ... }

	mta.case(name, function()
		local conn = mta.open(options)
		mta.helo(conn, helo)
		mta.message(conn, sender, macros)
		mta.want(conn, table.unpack(tags))
		if mta.logged():find("[^\x20-\x7e]") then
			error("logged: " .. mta.logged(), 0)
		end
		mta.close(conn)
	end)
end

local plain = "mail.sender.test"

story("cipher with a line of its own", {}, plain, "<a@sender.test>",
    { "{tls_version}", "TLSv1.3", "{cipher}", "A;\r\nX-Evil: yes\n\tresult=pass%s%n", "{cipher_bits}", "256" },
    "tls=TLSv1.3", "cipher=A___X-Evil:_yes__result_pass_s_n")
story("8-bit bytes", {}, plain, "<a@sender.test>",
    { "{tls_version}", "TLS\xffv1", "{cipher}", "\x80\x01\x7f", "{cipher_bits}", "\xff" }, "tls=TLS_v1", "cipher=___", "!bits")
story("long macros", { name = string.rep("n", 400), port = string.rep("9", 400) }, plain, "<a@sender.test>",
    { "{tls_version}", string.rep("v", 300), "{cipher}", string.rep("c", 300), "{cipher_bits}", string.rep("9", 300) },
    "aligned=unknown", "tls=" .. string.rep("v", 15), "cipher=" .. string.rep("c", 79), "!bits")
story("bits that are no number", {}, plain, "<a@sender.test>",
    { "{tls_version}", "TLSv1.3", "{cipher}", "X", "{cipher_bits}", "-1" }, "!bits")
story("client name with odd bytes", { name = "mail.sender.test\r\nX: y" }, plain, "<a@sender.test>", mta.TLS13,
    "aligned=unknown")
story("client name is the sender's", {}, plain, "<a@sender.test>", mta.TLS13, "aligned=yes")
story("client name in odd case", { name = "MAIL.Sender.TEST." }, plain, "<a@sender.test>", mta.TLS13, "aligned=yes")
story("client name of another", { name = "mail.other.example" }, plain, "<a@sender.test>", mta.TLS13, "aligned=no")
story("sender with a line of its own", {}, plain, "<a@x\r\nX-Evil: yes.test>", mta.TLS13, "domain=-")
story("sender with a semicolon", {}, plain, "<a@x;result=pass.test>", mta.TLS13, "domain=-")
story("long local part", {}, plain, "<" .. string.rep("a", 900) .. "@sender.test>", mta.TLS13, "identity=mailfrom")
story("long domain", {}, plain, "<a@" .. string.rep("a.", 450) .. "test>", mta.TLS13, "domain=-")
story("HELO with odd bytes", {}, "x\r\nX-Evil: yes.test", "<>", mta.TLS13, "domain=-", "identity=helo")

mta.case("queue id with odd bytes", function()
	local conn = mta.open()
	mta.helo(conn)
	mt.macro(conn, SMFIC_MAIL, "i", "QUEUEID: x\r\n" .. string.rep("q", 900))
	mt.mailfrom(conn, "<a@sender.test>")
	mta.headers(conn)
	mta.eom(conn)
	mta.want(conn, "domain=sender.test")
	mta.close(conn)
end)
