import type { Trouble } from '../../support/faulty-hop.js'
import { TROUBLES } from '../../support/troubles.js'
import { BY_ITSELF, type Fault } from './fault.js'

const NOT_READY = 'not ready: Kapacitor'

/** The upstream's faults are the same for everybody. */
const troubled = (fault: string, seen: string, readyz: string, trouble: Trouble): Fault => ({
  fault: `Kapacitor ${fault}`,
  remembered: seen,
  unknown: seen,
  readyz,
  after: BY_ITSELF,
  begin: ({ upstreamHop }) => upstreamHop.trouble(trouble),
  end: ({ upstreamHop }) => upstreamHop.trouble(),
})

export const UPSTREAM_FAULTS: readonly Fault[] = [
  {
    ...troubled('killed', '502', NOT_READY, TROUBLES.silent),
    begin: ({ upstreamHop }) => upstreamHop.stop(),
    end: ({ upstreamHop }) => upstreamHop.start(),
  },
  troubled('takes requests, and never answers',           '504',           NOT_READY, TROUBLES.silent),
  troubled('hangs up before it answers',                  '502',           NOT_READY, TROUBLES.hangsUp),
  troubled("stops in the middle of an answer's head",     '504',           NOT_READY, TROUBLES.halfHead),
  troubled("sends an answer's head one header at a time", '504',           NOT_READY, TROUBLES.drips),
  troubled("stops in the middle of an answer's body",     '200, then cut', 'ready',   TROUBLES.halfBody),
  troubled("hangs up in the middle of an answer's body",  '200, then cut', 'ready',   TROUBLES.cutBody),
  troubled('does not speak HTTP',                         '502',           NOT_READY, TROUBLES.notHttp),
  troubled('sends two lengths of one answer',             '502',           NOT_READY, TROUBLES.twoLengths),
  troubled('answers 500',                                 '500',           'ready',   TROUBLES.error),
]
