import { browserCommand, openPage } from '../../device-login/browser.js'
import { hostOf } from '../../device-login/profile/oauth-url.js'
import type { OAuth2Profile } from '../../device-login/profile/profile.js'
import type { DeviceAuthorization } from '../../device-login/provider/device-authorization.js'
import { escaped } from '../../text/printable.js'
import { formatDuration, type Milliseconds } from '../../time.js'

/**
 * What a person reads who is to sign in: page and code, and whose page it is. Somebody else may have started the login and
 * sent the code (RFC 8628 §5.4).
 */
export function loginText(
  { page, userCode, expiresIn }: DeviceAuthorization,
  { deviceUrl, tokenUrl }: OAuth2Profile,
  patience: Milliseconds = expiresIn,
): string {
  const lines = ['To sign in, open this page and enter the code:']
  lines.push('', `  page  ${page}`, `  code  ${userCode}`, '')
  const wait =
    patience < expiresIn ? `, and this command waits for ${formatDuration(patience)}` : ''
  lines.push(
    `The page is at ${hostOf(page)}; the code expires in ${formatDuration(expiresIn)}${wait}.`,
    'Go on only if you started this yourself.',
  )
  if (hostOf(deviceUrl) !== hostOf(tokenUrl)) {
    lines.push(
      `Note: device_url is at ${hostOf(deviceUrl)}, token_url at ${hostOf(tokenUrl)}: both must be your provider's.`,
    )
  }
  return `${lines.map(escaped).join('\n')}\n`
}

/**
 * Prints that on standard error, and opens the page in a browser where there is one.
 *
 * @param patience how long the person may take; undefined: until the code expires
 */
export function announceLogin(
  oauth2: OAuth2Profile,
  wantsBrowser: boolean,
  patience?: Milliseconds,
) {
  return (device: DeviceAuthorization): void => {
    process.stderr.write(loginText(device, oauth2, patience))
    const { platform, env } = process
    const browser = wantsBrowser ? browserCommand(platform, env) : undefined
    if (browser) openPage(browser, device.pageWithCode ?? device.page)
  }
}

/** Whether a person sits at a terminal and reads what is printed on standard error. */
export function hasPerson(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}
