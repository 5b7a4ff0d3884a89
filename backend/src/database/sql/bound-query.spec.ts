import { describe, expect, it } from '@jest/globals';
import { JsonProperty, raw } from '@mikro-orm/core';
import { SqlitePlatform } from '@mikro-orm/sql';
import { bindQuery, type BoundQuery } from './bound-query.js';

const platform = new SqlitePlatform();
const bind = (sql: string, ...params: unknown[]): BoundQuery => bindQuery(platform, (n) => `$${n}`, { sql, params });

describe('bindQuery', () => {
  it.each<[string, string, unknown[], string, unknown[]]>([
    ['texts', 'a = ? and b = ?', ["o'\u0000", '?'], 'a = $1 and b = $2', ["o'\u0000", '?']],
    ['numbers', '? < a', [1.5], '$1 < a', [1.5]],
    ['lists of an in', 'a in (?)', [['x', 2]], 'a in ($1, $2)', ['x', 2]],
    ['JSON', 'a = ?', [{ b: 'c' }], 'a = $1', ['{"b":"c"}']],
    ['lists of JSON', 'a = ?', [Object.assign(['b'], { [JsonProperty]: true })], 'a = $1', ['["b"]']],
    ['values of fragments', 'a = ? and ?', ['b', raw('c = ?', ['d'])], 'a = $1 and c = $2', ['b', 'd']],
  ])('binds %s', (_what, sql, params, text, values) => {
    expect(bind(sql, ...params)).toEqual({ sql: text, values });
  });

  it('writes names, and values that cannot be text from clients, into the statement', () => {
    const params = ['users.id', null, true, new Date(5), Buffer.from('a')];
    expect(bind('?? = ? or ? or ? or ?', ...params)).toEqual({
      sql: "`users`.`id` = null or true or 5 or X'61'",
      values: [],
    });
  });

  it('keeps a question mark that is not a placeholder', () => {
    expect(bind(String.raw`a \? ?`, 'b')).toEqual({ sql: 'a ? $1', values: ['b'] });
    expect(bind('select 1')).toEqual({ sql: 'select 1', values: [] });
  });
});
