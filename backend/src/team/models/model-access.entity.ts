import { defineEntity, p } from '@mikro-orm/core';
import type { AskingRole } from '../../protocol/index.js';

const ModelAccessSchema = defineEntity({
  name: 'ModelAccessRow',
  tableName: 'model_access',
  properties: {
    id: p.uuid().primary(),
    model: p.string().length(200),
    role: p.string().length(20).$type<AskingRole>().nullable(),
    // No foreign key: when the account of the last person is deleted, the model must not become open to everybody.
    userId: p.uuid().nullable(),
  },
  uniques: [{ properties: ['model', 'role'] }, { properties: ['model', 'userId'] }],
});

/** A role or a person that may ask a model. A model without any row may be asked by everybody. */
export class ModelAccessRow extends ModelAccessSchema.class {}
ModelAccessSchema.setClass(ModelAccessRow);
