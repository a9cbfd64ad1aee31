// Decorators without a compiler: plain JavaScript calls them as the functions that they are.

/** Says what Nest passes to the constructor of `type`. */
exports.takes = (type, ...services) => Reflect.defineMetadata('design:paramtypes', services, type);

/** Decorates the method `name` of `type`, and its parameters, each with one decorator. */
exports.method = (type, name, decorators, parameters) => {
  parameters.forEach((decorator, index) => decorator(type.prototype, name, index));
  Reflect.defineMetadata('design:paramtypes', parameters.map(() => Object), type.prototype, name);
  const described = Object.getOwnPropertyDescriptor(type.prototype, name);
  for (const decorator of decorators) decorator(type.prototype, name, described);
  Object.defineProperty(type.prototype, name, described);
};
