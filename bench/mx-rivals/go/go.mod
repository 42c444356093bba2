module mx-go

go 1.21

require github.com/miekg/dns v1.1.57

require (
	golang.org/x/net v0.17.0 // indirect
	golang.org/x/sys v0.13.0 // indirect
)
