/* Chooses the firmware to run: the newest image whose signature is right and whose version is not
 * older than what ran before.
 *
 * An image: header of four words (magic, version, payload bytes, key number), siblings of the key in
 * the tree, one value a chain, payload. All words are little-endian. Signatures are made of SHA-256
 * alone (chains of hashes under a tree of hashes, the principle of RFC 8554), so that the device
 * holds no secret: who reads its flash cannot sign.
 *
 * ROOT (32 bytes), SLOT_BYTES and TREE_HEIGHT are defined before this text; the slots stand for external flash.
 */
#include <stdint.h>

#define MAGIC 0x57464c54u /* "TLFW" */
#define HASH 32
#define CHAINS 67 /* 64 digits of the digest, 3 of their checksum, 4 bits each */
#define LONGEST 15
#define HEADER 16
#define SIBLINGS (TREE_HEIGHT * HASH)
#define PAYLOAD (HEADER + SIBLINGS + CHAINS * HASH)

enum { VALID, EMPTY, DAMAGED_HEADER, WRONG_SIGNATURE, TOO_OLD };

typedef struct {
    uint32_t state[8];
    uint8_t block[64];
    uint32_t filled, total;
} Sha;

uint8_t slots[2][SLOT_BYTES];
uint32_t least_version;
int32_t verdicts[2];

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

static void sha_block(Sha *sha)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)sha->block[4 * i] << 24 | (uint32_t)sha->block[4 * i + 1] << 16 |
               (uint32_t)sha->block[4 * i + 2] << 8 | sha->block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >> 3);
        uint32_t b = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    for (int i = 0; i < 8; i++)
        v[i] = sha->state[i];
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25);
        uint32_t first = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        uint32_t s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22);
        uint32_t second = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        for (int j = 7; j > 0; j--)
            v[j] = v[j - 1];
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        sha->state[i] += v[i];
}

static void sha_start(Sha *sha)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (int i = 0; i < 8; i++)
        sha->state[i] = first[i];
    sha->filled = sha->total = 0;
}

static void sha_add(Sha *sha, const uint8_t *data, uint32_t bytes)
{
    sha->total += bytes;
    for (uint32_t i = 0; i < bytes; i++) {
        sha->block[sha->filled++] = data[i];
        if (sha->filled == 64) {
            sha_block(sha);
            sha->filled = 0;
        }
    }
}

static void sha_end(Sha *sha, uint8_t *out)
{
    static const uint8_t mark = 0x80, zero = 0;
    uint64_t bits = 8ull * sha->total;
    sha_add(sha, &mark, 1);
    while (sha->filled != 56)
        sha_add(sha, &zero, 1);
    for (int i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)(bits >> (56 - 8 * i));
        sha_add(sha, &byte, 1);
    }
    for (int i = 0; i < HASH; i++)
        out[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Walks a chain from where the signature is to its end. */
static void finish_chain(uint8_t *value, uint8_t chain, uint8_t from)
{
    for (uint8_t step = from; step < LONGEST; step++) {
        uint8_t place[2] = {chain, step};
        Sha sha;
        sha_start(&sha);
        sha_add(&sha, place, 2);
        sha_add(&sha, value, HASH);
        sha_end(&sha, value);
    }
}

static void digits_of(const uint8_t *digest, uint8_t *digits)
{
    uint32_t sum = 0;
    for (int i = 0; i < 64; i++) {
        digits[i] = i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4;
        sum += LONGEST - digits[i];
    }
    for (int i = 0; i < 3; i++)
        digits[64 + i] = (sum >> (8 - 4 * i)) & 15;
}

static int signature_is_right(const uint8_t *image, uint32_t payload_bytes)
{
    uint8_t digest[HASH], digits[CHAINS], value[HASH];
    uint32_t key = word(image + 12);
    Sha sha, leaf;
    sha_start(&sha);
    sha_add(&sha, image, HEADER);
    sha_add(&sha, image + PAYLOAD, payload_bytes);
    sha_end(&sha, digest);
    digits_of(digest, digits);
    sha_start(&leaf);
    for (int chain = 0; chain < CHAINS; chain++) {
        for (int i = 0; i < HASH; i++)
            value[i] = image[HEADER + SIBLINGS + chain * HASH + i];
        finish_chain(value, (uint8_t)chain, digits[chain]);
        sha_add(&leaf, value, HASH);
    }
    sha_end(&leaf, value);
    for (int level = 0; level < TREE_HEIGHT; level++, key >>= 1) {
        const uint8_t *sibling = image + HEADER + level * HASH;
        sha_start(&sha);
        sha_add(&sha, key & 1 ? sibling : value, HASH);
        sha_add(&sha, key & 1 ? value : sibling, HASH);
        sha_end(&sha, value);
    }
    static const uint8_t root[HASH] = ROOT;
    uint8_t different = 0; /* no early end: the time says nothing */
    for (int i = 0; i < HASH; i++)
        different |= value[i] ^ root[i];
    return !different;
}

static int32_t judge(const uint8_t *image)
{
    uint32_t bytes = word(image + 8);
    if (word(image) != MAGIC)
        return EMPTY;
    if (bytes > SLOT_BYTES - PAYLOAD || word(image + 12) >= 1u << TREE_HEIGHT)
        return DAMAGED_HEADER;
    if (!signature_is_right(image, bytes))
        return WRONG_SIGNATURE;
    return word(image + 4) < least_version ? TOO_OLD : VALID;
}

/* The slot to run, or -1; what ran once may not be replaced by anything older. */
int32_t boot(void)
{
    int32_t chosen = -1;
    for (int32_t slot = 0; slot < 2; slot++) {
        verdicts[slot] = judge(slots[slot]);
        if (verdicts[slot] != VALID)
            continue;
        if (chosen < 0 || word(slots[slot] + 4) > word(slots[chosen] + 4))
            chosen = slot;
    }
    if (chosen >= 0)
        least_version = word(slots[chosen] + 4);
    return chosen;
}
