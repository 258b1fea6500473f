// Package owners finds the root owner of a pod: the controller at the top of the owner
// references that lead up from it. Kubernetes' own kinds are read from caches, any other
// kind by single requests whose answers are kept for a while.
package owners
