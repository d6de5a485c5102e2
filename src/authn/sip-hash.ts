/** What `createSipHash` needs: 128 secret bits. */
export const SIP_KEY_BYTES = 16

const ROUNDS = 2

/**
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, «SipHash: a fast short-input PRF», 2012; the longer output
 * is that of its reference code): a MAC of short texts, whose bytes are the characters' codes.
 *
 * Here because it takes 0.5 µs for an `Authorization` header where a call of `node:crypto` takes 1.1 µs in a loop and 1.5 µs
 * in a server (2-core machine), half of what a cache hit cost. A test holds it against OpenSSL's.
 *
 * @returns 8 characters of 16 bits each; undefined for a text with a character beyond U+00FF, which has no such bytes
 * @throws TypeError for a key that has not 16 bytes
 */
export function createSipHash(key: Uint8Array): (text: string) => string | undefined {
  if (key.length !== SIP_KEY_BYTES) throw new TypeError(`key must have ${SIP_KEY_BYTES} bytes`)
  const words = new DataView(key.buffer, key.byteOffset, key.byteLength)
  const [k0l, k0h, k1l, k1h] = [0, 4, 8, 12].map((at) => words.getInt32(at, true)) as Words

  // 64-bit words as two halves of 32 bits, l and h: what V8 keeps in registers. Written out, since calls cost as much
  return function sipHash(text) {
    let v0l = k0l ^ 0x70736575
    let v0h = k0h ^ 0x736f6d65
    let v1l = k1l ^ 0x6e646f6d ^ 0xee
    let v1h = k1h ^ 0x646f7261
    let v2l = k0l ^ 0x6e657261
    let v2h = k0h ^ 0x6c796765
    let v3l = k1l ^ 0x79746573
    let v3h = k1h ^ 0x74656462
    let firstL = 0
    let firstH = 0
    let all = 0
    const { length } = text
    /** The last block is what remains, and the length; two of nothing but rounds end each half of the output. */
    const last = length >>> 3
    for (let block = 0, at = 0; block <= last + 4; block++) {
      let ml = 0
      let mh = 0
      if (block < last) {
        const c0 = text.charCodeAt(at)
        const c1 = text.charCodeAt(at + 1)
        const c2 = text.charCodeAt(at + 2)
        const c3 = text.charCodeAt(at + 3)
        const c4 = text.charCodeAt(at + 4)
        const c5 = text.charCodeAt(at + 5)
        const c6 = text.charCodeAt(at + 6)
        const c7 = text.charCodeAt(at + 7)
        all |= c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7
        ml = c0 | (c1 << 8) | (c2 << 16) | (c3 << 24)
        mh = c4 | (c5 << 8) | (c6 << 16) | (c7 << 24)
        at += 8
      } else if (block === last) {
        mh = length << 24
        for (let shift = 0; at < length; at++, shift += 8) {
          const code = text.charCodeAt(at)
          all |= code
          if (shift < 32) ml |= code << shift
          else mh |= code << (shift - 32)
        }
      } else if (block === last + 1) {
        v2l ^= 0xee
      } else if (block === last + 3) {
        firstL = v0l ^ v1l ^ v2l ^ v3l
        firstH = v0h ^ v1h ^ v2h ^ v3h
        v1l ^= 0xdd
      }
      v3l ^= ml
      v3h ^= mh
      for (let round = 0; round < ROUNDS; round++) {
        let sum = (v0l + v1l) | 0
        v0h = (v0h + v1h + (((v0l & v1l) | ((v0l | v1l) & ~sum)) >>> 31)) | 0
        v0l = sum
        sum = (v2l + v3l) | 0
        v2h = (v2h + v3h + (((v2l & v3l) | ((v2l | v3l) & ~sum)) >>> 31)) | 0
        v2l = sum
        let low = v1l
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l
        v1h = ((v1h << 13) | (low >>> 19)) ^ v0h
        low = v3l
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l
        v3h = ((v3h << 16) | (low >>> 16)) ^ v2h
        low = v0l
        v0l = v0h
        v0h = low
        sum = (v2l + v1l) | 0
        v2h = (v2h + v1h + (((v2l & v1l) | ((v2l | v1l) & ~sum)) >>> 31)) | 0
        v2l = sum
        sum = (v0l + v3l) | 0
        v0h = (v0h + v3h + (((v0l & v3l) | ((v0l | v3l) & ~sum)) >>> 31)) | 0
        v0l = sum
        low = v1l
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l
        v1h = ((v1h << 17) | (low >>> 15)) ^ v2h
        low = v3l
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l
        v3h = ((v3h << 21) | (low >>> 11)) ^ v0h
        low = v2l
        v2l = v2h
        v2h = low
      }
      v0l ^= ml
      v0h ^= mh
    }
    if (all > 0xff) return undefined
    return characters(firstL, firstH, v0l ^ v1l ^ v2l ^ v3l, v0h ^ v1h ^ v2h ^ v3h)
  }
}

type Words = [number, number, number, number]

function characters(a: number, b: number, c: number, d: number): string {
  return String.fromCharCode(
    a & 0xffff,
    a >>> 16,
    b & 0xffff,
    b >>> 16,
    c & 0xffff,
    c >>> 16,
    d & 0xffff,
    d >>> 16,
  )
}
