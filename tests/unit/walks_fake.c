/* A knowledge base of a handful of entries, for tests of walks alone: the names that are easy to
 * confuse, each with its real signature. */
#include <ctype.h>
#include <string.h>

#include "history/walk_state.h"

struct sbl_knowledge {
    char unused;
};

struct fake_file {
    const char *pattern;
    const char *signature;
    const char *share; /* "" = any */
    bool is_weak;
};

static const struct signature signatures[] = {
    {"compaq-auddrive", "Compaq", "AudDrive", "", "Q248880", "Q248880", SIGNATURE_CULPRIT,
     SBL_CULPRIT_DRIVER, SBL_BASIS_DOCUMENTED},
    {"ess-auddrive-nt", "ESS", "AudioDrive", "", "", "", SIGNATURE_CULPRIT, SBL_CULPRIT_DRIVER,
     SBL_BASIS_VENDOR_FILE_NAME},
    {"crystal-nt4", "Crystal", "CS423x NT 4.0", "", "", "", SIGNATURE_CULPRIT, SBL_CULPRIT_DRIVER,
     SBL_BASIS_VENDOR_FILE_NAME},
    {"crystal-soundfusion", "Crystal", "SoundFusion", "", "", "", SIGNATURE_CULPRIT,
     SBL_CULPRIT_DRIVER, SBL_BASIS_VENDOR_FILE_NAME},
    {"crystal-wdm", "Crystal", "WDM", "", "", "", SIGNATURE_CULPRIT, SBL_CULPRIT_DRIVER,
     SBL_BASIS_INFERRED},
    {"ess-maestro", "ESS", "Maestro", "", "", "", SIGNATURE_CULPRIT, SBL_CULPRIT_DRIVER,
     SBL_BASIS_INFERRED},
    {"yamaha-opl3sax", "Yamaha", "OPL3-SAx", "", "", "", SIGNATURE_CULPRIT, SBL_CULPRIT_DRIVER,
     SBL_BASIS_VENDOR_FILE_NAME},
    {"creative-sb-9x", "Creative", "Sound Blaster 16", "", "", "", SIGNATURE_CULPRIT,
     SBL_CULPRIT_DRIVER, SBL_BASIS_VENDOR_FILE_NAME},
    {"creative-live-9x", "Creative", "Sound Blaster Live!", "", "", "", SIGNATURE_CULPRIT,
     SBL_CULPRIT_DRIVER, SBL_BASIS_VENDOR_FILE_NAME},
    {"ws2-ras-autodial", "Microsoft", "Winsock 2 auto-dial", "", "Q189522", "Q189522",
     SIGNATURE_PROBE, SBL_CULPRIT_DRIVER, SBL_BASIS_DOCUMENTED},
    {"sms-licmtr", "Microsoft", "Software Metering", "", "Q287626", "", SIGNATURE_STALE,
     SBL_CULPRIT_PROGRAM, SBL_BASIS_DOCUMENTED},
    {"netware-redirector", "Novell", "intraNetWare client", "", "", "", SIGNATURE_AGGRAVATING,
     SBL_CULPRIT_PROGRAM, SBL_BASIS_DOCUMENTED},
    {"sms-apm", "Microsoft", "Advertised Programs Manager", "", "", "", SIGNATURE_BENIGN,
     SBL_CULPRIT_PROGRAM, SBL_BASIS_DOCUMENTED},
    {"explorer-metadata", "Microsoft", "shell", "", "", "", SIGNATURE_NEGATIVE, SBL_CULPRIT_PROGRAM,
     SBL_BASIS_INFERRED},
    {"not-crystal-vxd", "AMP", "Infrared", "", "", "", SIGNATURE_NEGATIVE, SBL_CULPRIT_DRIVER,
     SBL_BASIS_DOCUMENTED},
    {"logon-policy-files", "Microsoft", "policy", "", "", "", SIGNATURE_NEGATIVE,
     SBL_CULPRIT_PROGRAM, SBL_BASIS_DOCUMENTED},
    {"generic-dll-path-search", "any", "", "", "", "", SIGNATURE_BEHAVIOUR, SBL_CULPRIT_PROGRAM,
     SBL_BASIS_DOCUMENTED},
};

/* Exact names before patterns, as knowledge_file promises. */
static const struct fake_file files[] = {
    {"auddrive.sys", "compaq-auddrive", "", false},
    {"vaudrv.386", "ess-auddrive-nt", "", false},
    {"config.ini", "ess-auddrive-nt", "", true},
    {"cs32ba11.sys", "crystal-nt4", "", false},
    {"cs32ba11.dll", "crystal-nt4", "", false},
    {"cwaudio.bin", "crystal-nt4", "", false},
    {"crlds3d.vxd", "crystal-soundfusion", "", true},
    {"crlds3d.dll", "crystal-soundfusion", "", true},
    {"cwcaudio.inf", "crystal-soundfusion", "", false},
    {"cwbase.sys", "crystal-wdm", "", false},
    {"opl3sax.sys", "yamaha-opl3sax", "", false},
    {"vymixd.vxd", "yamaha-opl3sax", "", true},
    {"sb16.vxd", "creative-sb-9x", "", false},
    {"sb16up.exe", "creative-sb-9x", "", false},
    {"cspman.dll", "creative-sb-9x", "", false},
    {"cspman.dll", "creative-live-9x", "", false},
    {"cifman.dll", "creative-live-9x", "", false},
    {"rasadhlp.dll", "ws2-ras-autodial", "", false},
    {"dbup.ini", "sms-licmtr", "licmtr", false},
    {"nwrdr.sys", "netware-redirector", "", false},
    {"desktop.ini", "explorer-metadata", "", false},
    {"crystal.vxd", "not-crystal-vxd", "", false},
    {"auddrive.*", "ess-auddrive-nt", "", false},
    {"cwc*.vxd", "crystal-soundfusion", "", false},
    {"crystal*.vxd", "crystal-soundfusion", "", false},
    {"maestro*.*", "ess-maestro", "", false},
    {"*.lnk", "explorer-metadata", "", false},
    {"*.pkg", "sms-apm", "cap_", false},
    {"*.bat", "logon-policy-files", "netlogon", false},
    {"*.dll", "generic-dll-path-search", "", false},
    {"*.sys", "generic-dll-path-search", "", false},
};

static bool fits(const char *pattern, const char *text) {
    for (; *pattern != '*'; pattern++, text++) {
        if (tolower((unsigned char)*text) != *pattern)
            return false;
        if (!*text)
            return true;
    }
    pattern++;
    for (;; text++) {
        if (fits(pattern, text))
            return true;
        if (!*text)
            return false;
    }
}

static bool begins(const char *text, const char *lower) {
    for (; *lower; text++, lower++)
        if (tolower((unsigned char)*text) != *lower)
            return false;
    return true;
}

const struct signature *knowledge_signature(const struct sbl_knowledge *knowledge, const char *id) {
    (void)knowledge;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (strcmp(signatures[i].id, id) == 0)
            return &signatures[i];
    return NULL;
}

size_t knowledge_file(const struct sbl_knowledge *knowledge, const char *name, const char *share,
                      struct signature_match out[SIGNATURE_MATCHES]) {
    size_t count = 0;
    share = walk_base(share);
    for (size_t i = 0; i < sizeof files / sizeof *files && count < SIGNATURE_MATCHES; i++)
        if (fits(files[i].pattern, name) && begins(share, files[i].share))
            out[count++] = (struct signature_match){
                .signature = knowledge_signature(knowledge, files[i].signature),
                .is_weak = files[i].is_weak,
                .is_wildcard = strchr(files[i].pattern, '*') != NULL};
    return count;
}

enum share_class knowledge_share(const struct sbl_knowledge *knowledge, const char *share) {
    (void)knowledge;
    share = walk_base(share);
    if (begins(share, "ipc$"))
        return SHARE_CLASS_PIPE;
    if (begins(share, "print$"))
        return SHARE_CLASS_PRINT;
    if (begins(share, "netlogon") || begins(share, "sysvol"))
        return SHARE_CLASS_DC;
    if (begins(share, "admin$"))
        return SHARE_CLASS_ADMIN;
    return begins(share, "cap_") || begins(share, "smspkg") ? SHARE_CLASS_SITE : SHARE_CLASS_OTHER;
}
