"""The moto side of the local cloud: SageMaker, its runtime, CodePipeline and RAM, behaving like AWS.

moto's classes are subclassed where they are open to it, and what moto already does right is left alone.
Nothing here knows of governance.
"""
