import type { Registry } from '../../registry/registry.js'
import type { Milliseconds } from '../../time.js'
import type { Admission } from '../admission.js'
import type { ChangeListener } from '../change-routes.js'
import type { IsSubjectListed } from './token-documents.js'

export interface TokenRoutesOptions {
  readonly registry: Registry
  readonly admission: Admission
  /** How long a client may take nothing of a long answer before it is cut off. */
  readonly patience: Milliseconds
  readonly onChange: ChangeListener | undefined
  /** Whether callers sign in at all. */
  readonly isAuthenticated: boolean
  /** @default what is not known: all are */
  readonly isSubjectListed?: IsSubjectListed | undefined
}
