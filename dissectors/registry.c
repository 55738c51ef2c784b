/* The one list of dissectors. A new one is a line here. */
#include <smblame/dissector.h>

extern const struct sbl_dissector sbl_dissector_nbss, sbl_dissector_smb1, sbl_dissector_smb2,
    sbl_dissector_spnego, sbl_dissector_ntlmssp, sbl_dissector_kerberos, sbl_dissector_nbns;

const struct sbl_dissector *const sbl_dissectors[SBL_DISSECTOR_COUNT] = {
    [SBL_DISSECTOR_NBSS] = &sbl_dissector_nbss,
    [SBL_DISSECTOR_SMB1] = &sbl_dissector_smb1,
    [SBL_DISSECTOR_SMB2] = &sbl_dissector_smb2,
    [SBL_DISSECTOR_SPNEGO] = &sbl_dissector_spnego,
    [SBL_DISSECTOR_NTLMSSP] = &sbl_dissector_ntlmssp,
    [SBL_DISSECTOR_KERBEROS] = &sbl_dissector_kerberos,
    [SBL_DISSECTOR_NBNS] = &sbl_dissector_nbns,
};

const struct sbl_dissector *sbl_dissector_find(const uint8_t *prefix, size_t size) {
    if (sbl_dissector_smb2.recognises(prefix, size))
        return &sbl_dissector_smb2;
    if (sbl_dissector_smb1.recognises(prefix, size))
        return &sbl_dissector_smb1;
    return NULL;
}
