import type { BinaryExpression, Call, Expression } from '../ast/expression.js'
import { isOperator, type Operator, precedenceOf } from '../scanner/token.js'
import { lowerCase } from '../values/lower-case.js'
import { ParseFailure } from './parse-failure.js'
import { parseLiteral } from './parse-literal.js'
import { parseSigned } from './parse-signed.js'
import { parseVariable } from './parse-variable.js'
import type { Parser } from './parser.js'

/** A binary expression while operands are still hung into it. */
type Growing = { -readonly [K in keyof BinaryExpression]: BinaryExpression[K] }

/** Parses an expression: operands and the operators between them, as tight as they bind. */
export function parseExpression(p: Parser): Expression {
  let root = parseOperand(p)
  for (;;) {
    const operator = p.next()
    if (!isOperator(operator)) {
      p.unread()
      return root
    }
    const right = operator === '=~' || operator === '!~' ? parseRegexOperand(p) : parseOperand(p)
    root = insert(root, operator, right)
  }
}

/** Hangs an operand into the tree: behind all that binds at least as tightly as its operator. */
function insert(root: Expression, operator: Operator, right: Expression): Expression {
  const precedence = precedenceOf(operator)
  let parent: Growing | undefined
  let node = root
  while (node.kind === 'binary' && precedenceOf(node.operator) < precedence) {
    parent = node
    node = node.right
  }
  const grown: BinaryExpression = { kind: 'binary', operator, left: node, right }
  if (parent === undefined) return grown
  parent.right = grown
  return root
}

function parseRegexOperand(p: Parser): Expression {
  const source = p.regex()
  if (source !== undefined) return { kind: 'regex', source }
  p.next()
  throw p.unexpected('regex')
}

/** Parses what stands between two operators. */
export function parseOperand(p: Parser): Expression {
  switch (p.next()) {
    case '(':
      return p.nested(() => parseGroup(p))
    case 'IDENT':
      return parseNamed(p)
    case 'DISTINCT':
      return parseDistinct(p)
    case '*':
      return parseWildcard(p)
    case '+':
    case '-':
      return parseSigned(p, () => parseOperand(p))
    case 'BOUNDPARAM':
      throw p.describeParameter(p.literal)
    case 'REGEX':
      throw new ParseFailure('a regular expression may stand behind =~ and !~ only')
  }
  return parseLiteral(p)
}

function parseGroup(p: Parser): Expression {
  const expression = parseExpression(p)
  p.expect(')')
  return { kind: 'group', expression }
}

/** A call if a parenthesis follows at once, otherwise a variable. */
function parseNamed(p: Parser): Expression {
  const name = p.literal
  if (p.nextRaw() === '(') return p.nested(() => parseCall(p, name))
  p.unread()
  p.unread()
  return parseVariable(p)
}

function parseDistinct(p: Parser): Expression {
  const token = p.nextRaw()
  if (token === '(') return p.nested(() => parseCall(p, 'distinct'))
  if (token !== 'WS') throw p.unexpected('(', 'identifier')
  return { kind: 'distinct', name: p.name() }
}

function parseWildcard(p: Parser): Expression {
  if (p.nextRaw() !== '::') {
    p.unread()
    return { kind: 'wildcard', type: undefined }
  }
  const token = p.nextRaw()
  if (token !== 'FIELD' && token !== 'TAG') throw p.unexpected('field', 'tag')
  return { kind: 'wildcard', type: token === 'FIELD' ? 'field' : 'tag' }
}

/** A call, its opening parenthesis read already. */
function parseCall(p: Parser, name: string): Call {
  const args: Expression[] = []
  const call: Call = { kind: 'call', name: lowerCase(name), args }
  const first = p.regex()
  if (first !== undefined) args.push({ kind: 'regex', source: first })
  else if (p.nextRaw() === ')') return call
  else {
    p.unread()
    args.push(parseExpression(p))
  }
  while (p.accept(',')) args.push(parseRegexOr(p))
  if (p.nextRaw() !== ')') throw p.unexpected(')')
  return call
}

/** A regular expression, or any other expression. */
export function parseRegexOr(p: Parser): Expression {
  const source = p.regex()
  return source === undefined ? parseExpression(p) : { kind: 'regex', source }
}
