"""What a provider's author tests with: the conformance kit, the fault server and the simulator base."""
