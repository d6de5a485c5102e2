import type { Trouble } from '../../support/faulty-hop.js'
import { TROUBLES } from '../../support/troubles.js'
import { BY_ITSELF, type Fault } from './fault.js'

/** What a client sees while a meta node cannot be asked: who is remembered works on. */
const OUTAGE = { remembered: '200', unknown: '503', readyz: 'ready', after: BY_ITSELF } as const

const troubled = (fault: string, trouble: Trouble): Fault => ({
  fault: `meta node ${fault}`,
  ...OUTAGE,
  begin: ({ metaHop }) => metaHop.trouble(trouble),
  end: ({ metaHop }) => metaHop.trouble(),
})

export const META_NODE_FAULTS: readonly Fault[] = [
  { fault: 'meta node killed', ...OUTAGE, begin: ({ metaNode }) => metaNode.kill(), end: ({ metaNode }) => metaNode.start() },
  { fault: 'meta node hangs (SIGSTOP)', ...OUTAGE, begin: ({ metaNode }) => metaNode.pause(), end: ({ metaNode }) => metaNode.resume() },
  { fault: 'meta node refuses connections', ...OUTAGE, begin: ({ metaHop }) => metaHop.stop(), end: ({ metaHop }) => metaHop.start() },
  troubled('takes requests, and never answers', TROUBLES.silent),
  troubled('hangs up before it answers', TROUBLES.hangsUp),
  troubled("stops in the middle of an answer's head", TROUBLES.halfHead),
  troubled("sends an answer's head one header at a time", TROUBLES.drips),
  troubled("stops in the middle of an answer's body", TROUBLES.halfBody),
  troubled("hangs up in the middle of an answer's body", TROUBLES.cutBody),
  troubled('does not speak HTTP', TROUBLES.notHttp),
  troubled('answers 500', TROUBLES.error),
  troubled('answers with an HTML page', TROUBLES.html),
  troubled('answers with other JSON', TROUBLES.nonsense),
  troubled('answers with another user', TROUBLES.somebodyElse),
]
