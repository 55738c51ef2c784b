"""What cases share: facts of the truth, client settings, accounts that may log on."""

SMB1_FACTS = {"mechanism": "lanman-nt", "wrapping": "none", "ntlm": "NTLMv1",
              "dialect": "NT LM 0.12"}
SMB2_FACTS = {"mechanism": "ntlmssp", "wrapping": "spnego", "ntlm": "NTLMv2", "dialect": "2.1"}
HERE = {"workstation": "WS042"}
# account, domain, password
JDOE = ("jdoe", "WS042", "Jd0e!pass")
ASMITH = ("asmith", "WS042", "As1!pass")
# lines of smb.conf
V1 = ("client ntlmv2 auth = no", "client lanman auth = no")
RAW = ("client use spnego = no",)
