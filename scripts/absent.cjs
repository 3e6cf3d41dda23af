// In place of a package that a bundle contains only because another package of its imports it, and never calls.
module.exports = {};
