/** The shortest secret that signs tokens, in bytes: the documents' own examples have 23 and 27. */
export const SHORTEST_SHARED_SECRET = 16

/** Below this length, in bytes, a secret that signs tokens causes a warning (RFC 7518 §3.2). */
export const RECOMMENDED_SHARED_SECRET = 32

/** The longest wait that a Node timer can keep; a longer one would fire at once. */
export const LONGEST_TIMER = '596h'
