import { z } from 'zod';

/** JSON Schema 2020-12, as OpenAPI 3.1 and AsyncAPI 3 have it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a named schema is called in the documents, and what its values look like. */
export interface SchemaName {
  readonly id: string;
  readonly examples: z.$output[];
}

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

/** The schemas of one document: those with a name stand in its components, once. */
export class SchemaBook {
  private readonly named = new Map<string, JsonSchema>();

  constructor(private readonly registry: z.core.$ZodRegistry<SchemaName>) {}

  /** What a client may send. */
  input(schema: z.ZodType): JsonSchema {
    return this.write(schema, 'input');
  }

  /** What a client receives. */
  output(schema: z.ZodType): JsonSchema {
    return this.write(schema, 'output');
  }

  /** What the document has referred to so far. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private write(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Within a list, for zod refers by name only to what stands in another schema.
    const written = z.toJSONSchema(z.tuple([schema]), { metadata: this.registry, io, override: plainly });
    const { prefixItems, $defs = {} } = JSON.parse(JSON.stringify(written).replaceAll(`"${LOCAL}`, `"${SHARED}`)) as {
      prefixItems: [JsonSchema];
      $defs?: Readonly<Record<string, JsonSchema>>;
    };
    for (const [name, definition] of Object.entries($defs)) this.name(name, definition);
    return prefixItems[0];
  }

  /** @throws Error when one name would stand for two shapes */
  private name(name: string, definition: JsonSchema): void {
    const known = this.named.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`${name} is not the same where it is sent and where it is received`);
    }
    this.named.set(name, definition);
  }
}

/** Without what zod knows and no reader needs: patterns of formats, the range of a double. Views stay open. */
function plainly({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: z.core.JSONSchema.BaseSchema }) {
  delete jsonSchema['id'];
  delete jsonSchema.readOnly;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  const { def } = zodSchema._zod as { readonly def: { readonly type: string; readonly catchall?: unknown } };
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
}
