import { describe, expect, test } from 'vitest'
import { currentPlatform, defaultFiles, inDataDirectory, type Platform } from '../../src/config/sections/platform.js'

const ann: Platform = { name: 'linux', isRoot: false, home: '/home/ann' }
const root: Platform = { name: 'linux', isRoot: true, home: '/root' }
const nobody: Platform = { name: 'linux', isRoot: false, home: undefined }
const mac: Platform = { name: 'darwin', isRoot: false, home: '/Users/ann' }
const bsd: Platform = { name: 'freebsd', isRoot: false, home: '/home/ann' }
const windows: Platform = { name: 'win32', isRoot: false, home: 'C:\\Users\\ann' }

describe('C5: kapacitor.conf is looked for', () => {
  test.each([
    ['in our place, at home, then in Kapacitor\'s', ann, ['/etc/kapacitor-auth/kapacitor.conf', '/home/ann/.kapacitor/kapacitor.conf', '/etc/kapacitor/kapacitor.conf']],
    ['on BSD, too',               bsd,     ['/etc/kapacitor-auth/kapacitor.conf', '/home/ann/.kapacitor/kapacitor.conf', '/etc/kapacitor/kapacitor.conf']],
    ['in /etc, without a home',   nobody,  ['/etc/kapacitor-auth/kapacitor.conf', '/etc/kapacitor/kapacitor.conf']],
    ['at home only, on Windows',  windows, ['C:\\Users\\ann\\.kapacitor\\kapacitor.conf']],
    ['nowhere, on a bare Windows', { ...windows, home: undefined }, []],
  ])('%s', (_says, platform, files) => {
    expect(defaultFiles(platform)).toEqual(files)
  })
})

describe('data is kept', () => {
  test.each([
    ["in the system's place, for root",  root,    { XDG_DATA_HOME: '/data' },      '/var/lib/kapacitor-auth/meta'],
    ["in the system's place, homeless",  nobody,  {},                              '/var/lib/kapacitor-auth/meta'],
    ['at home',                          ann,     {},                              '/home/ann/.local/share/kapacitor-auth/meta'],
    ['where XDG says',                   ann,     { XDG_DATA_HOME: '/data' },      '/data/kapacitor-auth/meta'],
    ['at home, if XDG says it relative', ann,     { XDG_DATA_HOME: 'data' },       '/home/ann/.local/share/kapacitor-auth/meta'],
    ['at home, if XDG says nothing',     ann,     { XDG_DATA_HOME: '' },           '/home/ann/.local/share/kapacitor-auth/meta'],
    ['in the library, on a Mac',         mac,     { XDG_DATA_HOME: '/data' },      '/Users/ann/Library/Application Support/kapacitor-auth/meta'],
    ['where Windows says',               windows, { LOCALAPPDATA: 'D:\\Local' },   'D:\\Local\\kapacitor-auth\\meta'],
    ['where Windows would say',          windows, {},                              'C:\\Users\\ann\\AppData\\Local\\kapacitor-auth\\meta'],
  ])('%s', (_says, platform, env, path) => {
    expect(inDataDirectory('meta', platform, env)).toBe(path)
  })
})

test('the environment names the home directory, else the system does', () => {
  expect(currentPlatform({ HOME: '/somewhere', USERPROFILE: '/somewhere' }).home).toBe('/somewhere')
  expect(currentPlatform({}).home).toBe(currentPlatform(process.env).home)
})
