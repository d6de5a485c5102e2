import { expect, test } from 'vitest'
import { createEventParser, type ServerSentEvent } from '../../src/meta-client/changes/event-parser.js'

const bytes = (text: string) => new TextEncoder().encode(text)

function parse(pieces: readonly Uint8Array[], maxLength?: number): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  const feed = createEventParser((event) => events.push(event), maxLength)
  for (const piece of pieces) feed(piece)
  return events
}

const event = (data: string, id = '', type = 'message') => ({ type, data, id })

const STREAMS: [string, string, ServerSentEvent[]][] = [
  ['an event',                                'data: a\n\n',                                [event('a')]],
  ['lines that end with CR LF',               'id: 1\r\ndata: a\r\n\r\n',                   [event('a', '1')]],
  ['lines that end with CR',                  'id: 1\rdata: a\r\rdata: b\r\r',              [event('a', '1'), event('b', '1')]],
  ['lines that end in several ways',          'data: a\r\n\ndata: b\r\r\ndata: c\n\r',      [event('a'), event('b'), event('c')]],
  ['a byte order mark before it',             '\uFEFFdata: a\n\n',                          [event('a')]],
  ['one byte order mark only',                '\uFEFF\uFEFFdata: a\n\n',                    []],
  ['several lines of data',                   'data: a\ndata: b\n\n',                       [event('a\nb')]],
  ['lines of one event that end with CR LF',  'data: a\r\ndata: b\r\n\r\n',               [event('a\nb')]],
  ['a line without data between',             'data: a\ndata\ndata:\ndata: b\n\n',          [event('a\n\n\nb')]],
  ['one space behind the colon, not two',     'data:a\n\ndata:  b\n\n',                     [event('a'), event(' b')]],
  ['no event without data',                   'id: 7\n\nevent: x\n\ndata: a\n\n',           [event('a', '7')]],
  ['an id that stays',                        'id: 7\ndata: a\n\ndata: b\n\n',              [event('a', '7'), event('b', '7')]],
  ['an id that is taken back',                'id: 7\ndata: a\n\nid\ndata: b\n\n',          [event('a', '7'), event('b', '')]],
  ['no id with a NUL',                        'id: 7\nid: 8\0\ndata: a\n\n',                [event('a', '7')]],
  ['a type for one event',                    'event: x\ndata: a\n\ndata: b\n\n',           [event('a', '', 'x'), event('b')]],
  ['comments',                                ':\n\n: data: x\ndata: a\n:\n\n',             [event('a')]],
  ['fields that nobody knows',                'retry: 5\nfoo: x\n data: x\nDATA: x\ndata: a\n\n', [event('a')]],
  ['a colon in the data',                     'data: {"a":1}\n\n',                          [event('{"a":1}')]],
  ['no event that is not over',               'data: a\n\ndata: b\n',                       [event('a')]],
  ['names beyond ASCII, other line ends too', 'data: é😀\u2028\u2029\u0085x\n\n',           [event('é😀\u2028\u2029\u0085x')]],
]

test.each(STREAMS)('%s', (_says, text, expected) => {
  expect(parse([bytes(text)])).toEqual(expected)
})

test.each(STREAMS)('%s, wherever it is cut', (_says, text, expected) => {
  const whole = bytes(text)
  expect(parse([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  for (let at = 0; at <= whole.length; at++) {
    expect(parse([whole.subarray(0, at), whole.subarray(at)])).toEqual(expected)
  }
})

test.each<[string, string[]]>([
  ['a line that never ends',          Array(20).fill('data: xxxxxxxx')],
  ['lines that never become an event', Array(20).fill('data: xxxxxxxx\n')],
  ['other lines that never end',      Array(20).fill('foo: xxxxxxxx\n')],
])('%s is refused', (_says, pieces) => {
  expect(() => parse(pieces.map(bytes), 100)).toThrow(new TypeError('an event is too long'))
})

test('however many events there are, each may be as long', () => {
  expect(parse([bytes('data: xxxxxxxx\n\n'.repeat(100))], 20).length).toBe(100)
})

test('what is not UTF-8 is refused: a name that was mended would be another', () => {
  expect(() => parse([Uint8Array.of(0x64, 0xff)])).toThrow(TypeError)
})
