import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { ErrorCode } from '../../protocol/index.js';

/** Keys under which the contract of the HTTP routes is read; see `contract/read-routes.ts`. */
export const ANSWERS = 'answers';
export const REFUSES = 'refuses';

/** An answer that is no JSON, or comes without a body. */
export interface OtherAnswer {
  readonly says: string;
  /** By media type. */
  readonly content?: Readonly<Record<string, z.ZodType>>;
  /** What each header is about, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A schema is the one of a JSON body. */
export type Answer = z.ZodType | OtherAnswer;
export type Answers = Readonly<Record<number, Answer>>;

export interface AnswersOptions {
  /** What the handler, or what it calls, refuses with. What guards, bodies and parameters refuse is known without. */
  readonly refuses?: readonly ErrorCode[];
  /** Of a query that no `@Query` parses. */
  readonly query?: z.ZodObject;
  /** How it is known who asks, where that is not the bearer of an access token. */
  readonly security?: 'refreshCookie' | 'metricsToken';
}

export interface AnswersMetadata extends AnswersOptions {
  readonly summary: string;
  readonly answers: Answers;
}

type Value<Said> = Said extends z.ZodType ? Readonly<z.infer<Said>> : never;
type Values<Said extends Answers> = {
  [Status in keyof Said]: Said[Status] extends { readonly content: infer Content }
    ? Value<Content[keyof Content]>
    : Value<Said[Status]>;
}[keyof Said];
/** A handler that writes the response itself resolves to nothing. */
type Result<Said extends Answers> = Values<Said> | void;
type Handler<Said extends Answers> = (...parameters: never[]) => Promise<Result<Said>> | Result<Said>;

/**
 * What an HTTP route does, and each status that it answers with by itself. The API's description is made of it, and the
 * tests compare every answer with it; that the handler returns what it says is known to the compiler.
 */
export const Answers =
  <const Said extends Answers>(summary: string, answers: Said, options: AnswersOptions = {}) =>
  <Method extends Handler<Said>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    const metadata: AnswersMetadata = { summary, answers, ...options };
    SetMetadata(ANSWERS, metadata)(target, key, descriptor);
  };

/** At a guard: what every route that it guards may be refused with. */
export const Refuses = (...codes: readonly ErrorCode[]): ClassDecorator => SetMetadata(REFUSES, codes);
