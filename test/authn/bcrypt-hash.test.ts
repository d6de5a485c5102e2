import { describe, expect, test } from 'vitest'
import { bcryptCost, decoyHash, MAX_COST, MIN_COST } from '../../src/authn/passwords/bcrypt-hash.js'

const REST = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

describe('a bcrypt hash has a prefix that we trust, a cost of 4 to 14, and its length', () => {
  test.each([
    // says                          hash                               cost
    ['$2a$',                         `$2a$05$${REST}`,                  5],
    ['$2b$',                         `$2b$10$${REST}`,                  10],
    ['$2y$',                         `$2y$12$${REST}`,                  12],
    ['the lowest cost',              `$2a$04$${REST}`,                  4],
    ['the highest cost',             `$2a$14$${REST}`,                  14],
    ['$2x$, made by mistake',        `$2x$05$${REST}`,                  undefined],
    ['$2$, the oldest',              `$2$05$${REST}`,                   undefined],
    ['$2c$',                         `$2c$05$${REST}`,                  undefined],
    ['$2A$',                         `$2A$05$${REST}`,                  undefined],
    ['$1a$',                         `$1a$05$${REST}`,                  undefined],
    ['a cost below the lowest',      `$2a$03$${REST}`,                  undefined],
    ['cost 0',                       `$2a$00$${REST}`,                  undefined],
    ['a cost that takes seconds',    `$2a$15$${REST}`,                  undefined],
    ['a cost that takes days',       `$2a$31$${REST}`,                  undefined],
    ['a cost that there is not',     `$2a$99$${REST}`,                  undefined],
    ['a cost of one digit',          `$2a$5$${REST}`,                   undefined],
    ['a cost of three digits',       `$2a$005$${REST}`,                 undefined],
    ['a negative cost',              `$2a$-5$${REST}`,                  undefined],
    ['no cost',                      `$2a$$${REST}`,                    undefined],
    ['a cost in other digits',       `$2a$０５$${REST}`,                undefined],
    ['one character less',           `$2a$05$${REST.slice(1)}`,         undefined],
    ['one character more',           `$2a$05$${REST}x`,                 undefined],
    ['a line feed after it',         `$2a$05$${REST}\n`,                undefined],
    ['a space before it',            ` $2a$05$${REST}`,                 undefined],
    ['another alphabet',             `$2a$05$${REST.slice(0, -1)}+`,    undefined],
    ['a letter beyond ASCII',        `$2a$05$${REST.slice(0, -1)}é`,    undefined],
    ['NUL inside',                   `$2a$05$${REST.slice(0, -1)}\0`,   undefined],
    ['only the salt',                '$2a$05$CCCCCCCCCCCCCCCCCCCCC.',   undefined],
    ['only the prefix',              '$2a$05$',                         undefined],
    ['empty',                        '',                                undefined],
    ['a password',                   'secret',                          undefined],
    ['PBKDF2',                       'pbkdf2:sha256:260000$salt$00ff',  undefined],
    ['Argon2',                       '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', undefined],
    ['SHA-512 crypt',                '$6$salt$x',                       undefined],
  ])('%s', (_says, hash, cost) => {
    expect(bcryptCost(hash)).toBe(cost)
  })

  test.each([undefined, null, 7, {}, []])('what is not a text is not a hash either: %j', (hash) => {
    expect(bcryptCost(hash as unknown as string)).toBeUndefined()
  })
})

test('a decoy costs what it says', () => {
  for (let cost = MIN_COST; cost <= MAX_COST; cost++) expect(bcryptCost(decoyHash(cost))).toBe(cost)
})
