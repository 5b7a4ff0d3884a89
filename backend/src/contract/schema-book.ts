import { z } from 'zod';

/** JSON Schema 2020-12, as used by OpenAPI 3.1 and AsyncAPI 3. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The name of a schema in the documents, with examples. */
export interface SchemaName {
  readonly id: string;
  readonly examples: z.$output[];
}

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

/** Collects the schemas of one document; named ones are written once, to its components. */
export class SchemaBook {
  private readonly named = new Map<string, JsonSchema>();

  constructor(private readonly registry: z.core.$ZodRegistry<SchemaName>) {}

  /** The schema of a value that clients send. */
  input(schema: z.ZodType): JsonSchema {
    return this.write(schema, 'input');
  }

  /** The schema of a value that clients receive. */
  output(schema: z.ZodType): JsonSchema {
    return this.write(schema, 'output');
  }

  /** The named schemas that were referred to so far. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private write(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Wrapped in a tuple, because zod writes references only to schemas within another schema.
    const written = z.toJSONSchema(z.tuple([schema]), { metadata: this.registry, io, override: plainly });
    const { prefixItems, $defs = {} } = JSON.parse(JSON.stringify(written).replaceAll(`"${LOCAL}`, `"${SHARED}`)) as {
      prefixItems: [JsonSchema];
      $defs?: Readonly<Record<string, JsonSchema>>;
    };
    for (const [name, definition] of Object.entries($defs)) this.name(name, definition);
    return prefixItems[0];
  }

  /** @throws Error when the same name would have two different schemas */
  private name(name: string, definition: JsonSchema): void {
    const known = this.named.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`${name} has different schemas for sending and receiving`);
    }
    this.named.set(name, definition);
  }
}

/** Removes details that readers do not need: patterns of formats and the range of integers. Views allow more keys. */
function plainly({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: z.core.JSONSchema.BaseSchema }) {
  delete jsonSchema['id'];
  delete jsonSchema.readOnly;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  const { def } = zodSchema._zod as { readonly def: { readonly type: string; readonly catchall?: unknown } };
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
}
