/** Headers about one connection (RFC 9110 §7.6.1) that end here in both directions, beside those looked at one by one. */
export const HOP_BY_HOP = [
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'upgrade',
] as const
