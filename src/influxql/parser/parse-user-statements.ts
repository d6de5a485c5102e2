import type { GrantedPrivilege, UserStatement } from '../ast/statement.js'
import type { Parser } from './parser.js'

/** `CREATE USER`; the words before are read already, here and below. */
export function parseCreateUser(p: Parser): UserStatement {
  p.hasSecrets = true
  const name = p.name()
  p.expect('WITH', 'PASSWORD')
  const password = p.string()
  const admin = p.accept('WITH')
  if (admin) p.expect('ALL', 'PRIVILEGES')
  return { kind: 'CREATE USER', name, password, admin }
}

/** `SET PASSWORD FOR` */
export function parseSetPassword(p: Parser): UserStatement {
  p.hasSecrets = true
  const name = p.name()
  p.expect('=')
  return { kind: 'SET PASSWORD', name, password: p.string() }
}

export function parseDropUser(p: Parser): UserStatement {
  return { kind: 'DROP USER', name: p.name() }
}

export function parseGrant(p: Parser): UserStatement {
  const privilege = parsePrivilege(p)
  if (isOnDatabase(p, privilege, 'TO')) {
    const database = p.name()
    p.expect('TO')
    return { kind: 'GRANT', privilege, database, user: p.name() }
  }
  return { kind: 'GRANT ADMIN', user: p.name() }
}

export function parseRevoke(p: Parser): UserStatement {
  const privilege = parsePrivilege(p)
  if (isOnDatabase(p, privilege, 'FROM')) {
    const database = p.name()
    p.expect('FROM')
    return { kind: 'REVOKE', privilege, database, user: p.name() }
  }
  return { kind: 'REVOKE ADMIN', user: p.name() }
}

function parsePrivilege(p: Parser): GrantedPrivilege {
  const token = p.next()
  if (token === 'READ' || token === 'WRITE') return token
  if (token !== 'ALL') throw p.unexpected('READ', 'WRITE', 'ALL [PRIVILEGES]')
  p.accept('PRIVILEGES')
  return 'ALL PRIVILEGES'
}

/** Reads `ON`, or the word before the user's name: all privileges on no database make an administrator. */
function isOnDatabase(p: Parser, privilege: GrantedPrivilege, word: 'TO' | 'FROM'): boolean {
  const token = p.next()
  if (token === 'ON') return true
  if (privilege !== 'ALL PRIVILEGES') throw p.unexpected('ON')
  if (token !== word) throw p.unexpected('ON', word)
  return false
}
