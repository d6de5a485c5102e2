import { spawn } from 'node:child_process'

/** The program that opens a page, and its arguments; undefined if there is no browser. */
export type BrowserCommand = readonly [program: string, ...args: string[]]

/**
 * How a page is opened on this machine: by the program that `$BROWSER` names (`none`: by none), else by the system's own,
 * where there is a screen and nobody sits at the other end of SSH.
 */
export function browserCommand(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): BrowserCommand | undefined {
  const { BROWSER: own = '' } = env
  if (own !== '') return own === 'none' ? undefined : [own]
  if (env.SSH_CONNECTION || env.SSH_TTY) return undefined
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}

/**
 * Opens a page, and does not wait for it; whether it worked is not told. No shell sees the URL.
 *
 * @param page http or https; anything else is not opened
 */
export function openPage([program, ...args]: BrowserCommand, page: string): void {
  if (!/^https?:\/\//.test(page)) return
  const child = spawn(program, [...args, page], { detached: true, stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}
